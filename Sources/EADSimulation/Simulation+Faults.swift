import EADController
import EADCore
import EADProtocol
import EADTestKit

/// What can go wrong.
extension Simulation {
    struct Faults: Sendable {
        /// Per process and virtual second.
        var death = 0.0
        /// Per virtual second, learner and controller at the same instant.
        var doubleDeath = 0.0
        /// Per effect of a state machine: the process dies after the effects before it.
        var tear = 0.0
        /// Per death of the learner or the controller: its files are an earlier copy when it comes back, all of them or
        /// one kind alone.
        var oldFiles = 0.0
        /// Per write of the learner or the controller: it fails, whether or not what it wrote is on the disk.
        var failingDisk = 0.0
        /// Per virtual second, the disk of the learner or of the controller: full for 5 to 40 s.
        var fullDisk = 0.0
        /// Per virtual second, the host of learner and controller loses power: both die, and files come back whose
        /// deletion had not reached the disk.
        var powerCut = 0.0
        /// Per process and virtual second: stopped for 10 to 30 s, then goes on with everything it had.
        var pause = 0.0
        /// Per message.
        var loss = 0.0
        var duplication = 0.0
        /// Per death: what was under way from the process comes up to 20 s later, when another life may have begun.
        var late = 0.0
        /// Per message, a result that comes once more under another attempt.
        var echo = 0.0
        /// Per group, one that nobody asked for beside it: of another step, another slot count, or without its samples.
        var nonsense = 0.0
        /// Per process and virtual second, a cut from everybody for a few seconds.
        var cut = 0.0
        /// Per pair of processes and virtual second, a cut of these two alone for up to 30 s, one way or both.
        var linkCut = 0.0
        /// Cuts that last for ever, each one way.
        var broken: [Link] = []
        /// Per worker or learner and virtual second: asked to leave, and started again some time after it has left.
        var drain = 0.0
        /// By how much a second of one process may differ from one of another, as a share.
        var clockDrift = 0.0
        /// Workers, from the first, whose recorded log-probabilities are wrong, for ever.
        var liars = 0
        /// Workers, from the last, that fail whatever they are given, for ever.
        var failing = 0
        /// Workers, from the last, that are started for the first time up to a minute late.
        var latecomers = 0
        /// Workers, from the first, whose engines take `slowness` times as long for everything, for ever.
        var slow = 0
        var slowness = 8
        /// What is wrong with this cluster, for an observer who has to notice.
        var mutant: Mutant?
        /// None of what is not for ever after it.
        var end = Duration.seconds(600)
        static let none = Faults()

        /// The kinds that have a rate.
        enum Kind: Int, CaseIterable {
            case death, doubleDeath, tear, oldFiles, failingDisk, fullDisk, powerCut, pause, loss, duplication, late,
                echo,
                nonsense, cut, linkCut, drain, clockDrift

            /// What it is counted and written under.
            var name: String { self.entry.name }
            var rate: WritableKeyPath<Faults, Double> { self.entry.rate }

            private var entry: (name: String, rate: WritableKeyPath<Faults, Double>) {
                switch self {
                case .death: ("death", \.death)
                case .doubleDeath: ("double_death", \.doubleDeath)
                case .tear: ("tear", \.tear)
                case .oldFiles: ("old_files", \.oldFiles)
                case .failingDisk: ("failing_disk", \.failingDisk)
                case .fullDisk: ("full_disk", \.fullDisk)
                case .powerCut: ("power_cut", \.powerCut)
                case .pause: ("pause", \.pause)
                case .loss: ("loss", \.loss)
                case .duplication: ("duplication", \.duplication)
                case .late: ("late", \.late)
                case .echo: ("echo", \.echo)
                case .nonsense: ("nonsense", \.nonsense)
                case .cut: ("cut", \.cut)
                case .linkCut: ("link_cut", \.linkCut)
                case .drain: ("drain", \.drain)
                case .clockDrift: ("clock_drift", \.clockDrift)
                }
            }
        }
        /// The kinds that concern so many workers for ever, likewise.
        static let numbers: [(name: String, number: any WritableKeyPath<Faults, Int> & Sendable)] = [
            ("liars", \.liars), ("failing", \.failing), ("latecomers", \.latecomers),
            ("slow", \.slow),
        ]
    }

    /// A promise that a cluster does not keep.
    package enum Mutant: String, Sendable, CaseIterable {
        /// A group is acknowledged and, one time in ten, not on disk.
        case skippedWrite
        /// What is sent goes before what is to be made durable.
        case acknowledgedBeforeDurable
        /// A group is acknowledged when it is written, and not yet on disk.
        case unflushedWrite
        /// The learner takes groups of policies that are too old.
        case stalePolicy
        /// Whatever a process says counts as said by its newest life.
        case ignoredEpoch
        /// A group that the learner has comes to its disk a second time, of whoever sends it.
        case writtenTwice
        /// The first worker says that it is slow, and is not: the controller gives copies of what an equal holds.
        case copiesOfEquals
    }

    /// Whether a fault of that kind happens, which is counted.
    func strikes(_ kind: Faults.Kind, _ seconds: Double = 1) -> Bool {
        // Read from the list: this is asked at every instant of every process.
        let rate = self.rates[kind.rawValue]
        guard rate > 0, self.random.chance(rate * seconds) else { return false }
        self.fired[kind.rawValue] += 1
        return true
    }

    /// Whether any fault of these kinds ever happens.
    func happen(_ kinds: Faults.Kind...) -> Bool { kinds.contains { self.rates[$0.rawValue] > 0 } }

    /// How often each kind of fault happened, by its name.
    package var witnesses: [String: Int] {
        var counts = [String: Int]()
        for kind in Faults.Kind.allCases where self.fired[kind.rawValue] > 0 {
            counts[kind.name] = self.fired[kind.rawValue]
        }
        counts["clock_drift"] = self.faults.clockDrift > 0 ? 1 : 0
        for (name, number) in Faults.numbers {
            counts[name] = min(self.faults[keyPath: number], self.workerNodes.count)
        }
        return counts
    }

    /// The way from one process to another.
    struct Link: Hashable, Sendable {
        var from: NodeID
        var to: NodeID
    }

    func isSlow(_ node: NodeID) -> Bool { self.workerNodes.prefix(self.faults.slow).contains(node) }

    func cutLinks(_ seconds: Double) {
        guard self.happen(.linkCut) else { return }
        for (place, one) in self.nodes.enumerated() {
            for other in self.nodes[(place + 1)...] where self.strikes(.linkCut, seconds) {
                let end = self.now + .milliseconds(Int64(1000 + self.random.next() % 29_000))
                let ways = 1 + self.random.next() % 3
                if ways & 1 != 0 { self.linkCuts[Link(from: one, to: other)] = end }
                if ways & 2 != 0 { self.linkCuts[Link(from: other, to: one)] = end }
            }
        }
    }

    /// Whether nothing goes from the one to the other.
    func isCut(from: NodeID, to: NodeID) -> Bool {
        let link = Link(from: from, to: to)
        if self.faults.broken.contains(link) { return true }
        if let end = self.linkCuts[link], end > self.now { return true }
        return [from, to].contains { (self.cutUntil[$0] ?? self.start) > self.now }
    }
}
