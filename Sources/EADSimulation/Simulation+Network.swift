import EADController
import EADCore
import EADLearner
import EADMessages
import EADTestKit

/// Messages under way: in order between two lives, lost with either of them.
struct Network: Sendable {
    /// From one life to whoever is a node.
    struct Way: Hashable, Comparable, Sendable {
        var from: Simulation.Address
        var to: NodeID
        static func < (lhs: Way, rhs: Way) -> Bool { (lhs.from, lhs.to) < (rhs.from, rhs.to) }
    }

    struct Letter: Sendable {
        var due: ContinuousClock.Instant
        var order: UInt64
        var from: Simulation.Address
        /// Nil for the controller and the learner: who listens on their address gets it.
        var life: Int?
        var to: NodeID
        /// As it is on the wire.
        var envelope: [UInt8]
        var payload: SharedBytes?
    }

    var letters: [Letter] = []
    var sent: UInt64 = 0
    /// In order per pair, as TCP is.
    var lastDue: [Way: ContinuousClock.Instant] = [:]
    var lost = 0
}

extension Simulation {
    func address(_ node: NodeID) -> Address { Address(node: node, life: self.lives[node] ?? 0) }

    func send(
        _ envelope: [UInt8], from: NodeID, to: NodeID, life: Int?, payload: SharedBytes?
    ) {
        let hasFaults = self.elapsed < self.faults.end
        if self.isCut(from: from, to: to) || (hasFaults && self.strikes(.loss)) {
            self.network.lost += 1
            return
        }
        // A socket without a peer keeps what it is given until the peer is there, or has no room for it.
        let dead = !self.isAlive(to)
        if dead, life != nil || self.random.chance(0.5) { return }
        for _ in 0..<(hasFaults && self.strikes(.duplication) ? 2 : 1) {
            let sender = self.address(from)
            let way = Network.Way(from: sender, to: to)
            let delay = Duration.milliseconds(Int64(1 + self.random.next() % 120))
            let departure = dead ? max(self.revivals[to] ?? self.now, self.now) : self.now
            let due = max(
                departure + delay,
                self.network.lastDue[way] ?? self.now)
            self.network.lastDue[way] = due
            self.network.sent += 1
            self.network.letters.append(
                Network.Letter(
                    due: due, order: self.network.sent, from: sender, life: life, to: to, envelope: envelope,
                    payload: payload))
        }
    }

    /// A process died: what was under way to it is gone, and the end of what it had sent, or it comes late.
    func forgetLetters(of node: NodeID) {
        let own = self.network.letters.filter { $0.from.node == node }.map(\.order).sorted()
        let last = own.isEmpty ? 0 : own[Int(self.random.next() % UInt64(own.count))]
        if self.elapsed < self.faults.end, self.strikes(.late) {
            let delay = Duration.milliseconds(Int64(self.random.next() % 20_000))
            for index in self.network.letters.indices where self.network.letters[index].from.node == node {
                self.network.letters[index].due = self.network.letters[index].due + delay
            }
            self.network.letters.removeAll { $0.to == node }
            return
        }
        self.network.letters.removeAll { $0.to == node || ($0.from.node == node && $0.order > last) }
    }

    func deliver() {
        let now = self.now
        guard self.network.letters.contains(where: { $0.due <= now }) else { return }
        var due: [Network.Letter] = []
        var later: [Network.Letter] = []
        for letter in self.network.letters {
            if letter.due <= now && self.isRunning(letter.to) { due.append(letter) } else { later.append(letter) }
        }
        self.network.letters = later
        // Most of the time it is one, whose turn it is.
        if due.count == 1 { return self.hand(due[0]) }
        var queues = Dictionary(grouping: due) { Network.Way(from: $0.from, to: $0.to) }
        // Lives take turns at random; each one's letters keep their order.
        var ways = queues.keys.sorted()
        while !ways.isEmpty {
            let index = Int(self.random.next() % UInt64(ways.count))
            let way = ways[index]
            if let letter = queues[way]?.first {
                queues[way]?.removeFirst()
                self.hand(letter)
            }
            if queues[way]?.isEmpty ?? true { ways.remove(at: index) }
        }
    }
}
