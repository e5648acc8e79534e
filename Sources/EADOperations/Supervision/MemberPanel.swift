import EADCore
import EADMessages
import EADObservation
import EADTelemetry

/// Learner and workers in a few lines: those first that somebody should look at.
struct MemberPanel {
    let lines: [String]

    /// Where there are more, the others are counted.
    private static let most = 12
    private static let columns = [
        FittedTable.Column("NODE", least: 12), .init("HEALTH"), .init("DOES", dropRank: 1),
        .init("TOKENS/S", dropRank: 2), .init("WAITS FOR", least: 16),
    ]

    /// - Parameter rows: That may be used at most, the heading included.
    init(_ members: [MemberStatus], width: Int, rows: Int) {
        guard !members.isEmpty, rows > 2 else {
            self.lines = []
            return
        }
        let room = min(Self.most, rows - 1)
        // One line less where one says how many are left out.
        let shown = members.sorted(by: Self.precedes).prefix(members.count > room ? room - 1 : room)
        let table = FittedTable(columns: Self.columns, rows: shown.map(Self.row)).text(width: width)
        var lines = table.split(separator: "\n").map { String($0) }
        let others = members.count - shown.count
        if others > 0 { lines.append("and \(others) more") }
        self.lines = lines
    }

    /// The sick, then the learner, then who waits longest.
    private static func precedes(_ one: MemberStatus, _ other: MemberStatus) -> Bool {
        func rank(_ member: MemberStatus) -> Int {
            member.health != .alive ? 0 : member.role == .learner ? 1 : member.heartbeat.waitingFor.isEmpty ? 3 : 2
        }
        let (first, second) = (rank(one), rank(other))
        if first != second { return first < second }
        // In full seconds, or rows would change places all the time.
        let waits = (one.heartbeat.waitingMilliseconds / 10_000, other.heartbeat.waitingMilliseconds / 10_000)
        return waits.0 != waits.1 ? waits.0 > waits.1 : one.node < other.node
    }

    private static func row(_ member: MemberStatus) -> [String] {
        let beat = member.heartbeat
        guard member.health.isPresent else {
            let silence = member.health == .dead ? ", \(StatusTable.duration(member.silentMilliseconds))" : ""
            return [
                member.node.rawValue, "\(member.health)\(silence)", "-", "-",
                beat.waitingFor.isEmpty ? "-" : beat.waitingFor,
            ]
        }
        return [
            member.node.rawValue, "\(member.health)", beat.activity.text + (beat.draining ? " (draining)" : ""),
            Double(beat.tokensPerSecond).text(decimals: 0), StatusTable.wait(beat),
        ]
    }
}
