import EADCore
package import EADMessages
import EADObservation
import EADTelemetry

/// The status as a table for people.
package struct StatusTable {
    package let text: String

    /// In a narrow terminal columns are left out in this order.
    private static let columns = [
        FittedTable.Column("NODE", least: 12), .init("ROLE", dropRank: 2), .init("HEALTH"),
        .init("PROCESS", dropRank: 9),
        .init("EPOCH", dropRank: 8), .init("POLICY", dropRank: 3), .init("TOKENS/S", dropRank: 4),
        .init("LEASES", dropRank: 5), .init("MEMORY", dropRank: 6), .init("HEARD", dropRank: 7), .init("DOES"),
        .init("WAITS FOR", dropRank: 1, least: 24),
    ]

    /// - Parameter width: Of the terminal; nil for a table with everything, however wide.
    package init(_ status: StatusReply, width: Int? = nil) {
        var lines: [String] = []
        let share = status.groupsPerStep > 0 ? ", \(status.groupsAccepted) of \(status.groupsPerStep) groups" : ""
        lines.append(
            "run \(status.name) (\(status.run)): \(status.phase), \(status.trainedSteps) steps trained\(share)")
        if !status.waitingFor.isEmpty {
            lines.append("waits for \(status.waitingFor) since \(Self.duration(status.waitingMilliseconds))")
        }
        if let last = status.steps.last {
            let reward = last.metrics[\.reward].map { " reward \($0.text(decimals: 3))" } ?? ""
            lines.append("policy \(last.version):\(reward)")
        }
        lines += status.troubles.map { "degraded: \($0)" }
        let table = FittedTable(columns: Self.columns, rows: status.members.map(Self.row)).text(width: width)
        let counters =
            [("controller", status.counters)] + status.members.map { ($0.node.rawValue, $0.heartbeat.counters) }
        let counted = counters.filter { !$0.1.isEmpty }.map { name, counters in
            "\(name): " + counters.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        }
        func fitted(_ lines: [String]) -> [String] {
            width.map { width in lines.flatMap { $0.wrapped(to: width) } } ?? lines
        }
        let tail = counted.isEmpty ? [] : [""] + fitted(counted)
        self.text = (fitted(lines) + ["", table] + tail).joined(separator: "\n")
    }

    private static func row(_ member: MemberStatus) -> [String] {
        let beat = member.heartbeat
        guard member.health != .absent else {
            let cells = [member.node.rawValue, member.role.rawValue, "absent"] + Array(repeating: "-", count: 8)
            return cells + [beat.waitingFor.isEmpty ? "-" : beat.waitingFor]
        }
        return [
            member.node.rawValue, member.role.rawValue, "\(member.health)", member.process, "\(member.epoch)",
            "\(beat.policyVersion)", Double(beat.tokensPerSecond).text(decimals: 0), "\(beat.leases.count)",
            "\(beat.residentBytes >> 20) MiB", Self.duration(member.silentMilliseconds) + " ago",
            beat.activity.text + (beat.draining ? " (draining)" : ""), Self.wait(beat),
        ]
    }

    /// What a node waits for, and since when.
    static func wait(_ beat: Heartbeat) -> String {
        beat.waitingFor.isEmpty ? "-" : "\(beat.waitingFor), \(Self.duration(beat.waitingMilliseconds))"
    }

    package static func align(_ rows: [[String]]) -> String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
        return rows.map { row in
            let cells = row.enumerated().map { index, cell in
                index == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[index] - cell.count)
            }
            return cells.joined(separator: "  ")
        }.joined(separator: "\n")
    }

    /// `850 ms`, `12 s`, `3 min 20 s`, `2 h 5 min`.
    static func duration(_ milliseconds: UInt64) -> String {
        let seconds = milliseconds / 1000
        if milliseconds < 1000 { return "\(milliseconds) ms" }
        if seconds < 60 { return "\(seconds) s" }
        if seconds < 3600 { return "\(seconds / 60) min \(seconds % 60) s" }
        return "\(seconds / 3600) h \(seconds / 60 % 60) min"
    }
}
