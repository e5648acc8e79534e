import EADController
import EADCore
import EADMessages
import EADProtocol
import EADWorker

/// What an observer who sees every process knows: evidence for the promises of docs/reliability.md.
struct Ledger: Sendable {
    var deaths = 0
    var pauses = 0
    var fenced = 0
    /// Files that became an earlier copy of themselves.
    var restorations = 0
    private var isRewound = false
    /// Steps may be trained again on groups of other versions: with an older copy of its files a learner has another past.
    private(set) var hasOtherPast = false
    /// Groups whose acknowledgement as accepted was sent.
    var acknowledged: [RolloutGroup] = []
    /// Every group that reached the disk of a learner, by step and slot.
    var journalled: [GlobalStep: [UInt32: RolloutGroup]] = [:]
    /// Every group that was thrown out.
    var discarded: [DiscardedGroup] = []
    /// The last training of each step.
    var trained: [GlobalStep: [RolloutGroup]] = [:]
    /// What statuses say, and whether it is so.
    var truth = StatusTruth()
    /// Broken promises.
    var violations: [String] = []
    /// Times a policy was made by deltas, and the most of them at once.
    private(set) var deltas = (right: 0, wrong: 0, longest: 0)
    private var weightsBefore: [GlobalStep: UInt64] = [:]
    private var installed: [Simulation.Address: PolicyVersion] = [:]
    /// To whom each group was offered of whom the controller has not known since that he does not hold it.
    private var offers: [GroupID: Set<Simulation.Address>] = [:]

    mutating func violation(_ text: String) { self.violations.append(text) }

    mutating func noteJournalled(_ group: RolloutGroup) {
        // A lie counts for nothing, and may be lost with its disk before it is found out.
        guard Simulation.refusals(of: [group]).isEmpty else { return }
        var group = group
        group.attempt = 1
        if let before = self.journalled[group.id.step]?[group.id.slot], before != group, !self.hasOtherPast {
            self.violation("\(group.id) was accepted twice, with different samples")
        }
        self.journalled[group.id.step, default: [:]][group.id.slot] = group
    }

    /// It was never trained on, and another one takes its place.
    mutating func noteDiscarded(_ discarded: DiscardedGroup) {
        let id = discarded.lease.group
        self.discarded.append(discarded)
        self.journalled[id.step]?[id.slot] = nil
        self.acknowledged.removeAll { $0.id == id }
    }

    /// The learner's files are these now, and may have been others.
    /// - Parameter steps: Those that the checkpoint is of, as they were when it was made.
    mutating func forget(whatIsNotIn disk: Simulation.Disk, _ steps: Steps, isSynchronous: Bool) {
        self.acknowledged.removeAll { group in
            let held = disk.journal[group.id.step]?.groups ?? []
            return disk.checkpoint.step <= group.id.step && !held.contains { $0.group.id == group.id }
        }
        // A group that was safe, and is not: it is asked for again while its worker may still wait for a word about it.
        for id in self.offers.keys where self.journalled[id.step]?[id.slot] != nil {
            let held = disk.journal[id.step]?.groups ?? []
            if !held.contains(where: { $0.group.id == id }) { self.offers[id] = nil }
        }
        if !isSynchronous {
            self.hasOtherPast = true
            self.goBack(to: disk, steps)
        }
        // A replay trains the same groups, whoever is asked for them.
        self.isRewound = true
    }

    /// What steps were made of.
    struct Steps {
        var journalled: [GlobalStep: [UInt32: RolloutGroup]]
        var trained: [GlobalStep: [RolloutGroup]]
    }

    var steps: Steps { Steps(journalled: self.journalled, trained: self.trained) }

    /// What comes after the checkpoint is collected and trained again, and may be of other samples and slots.
    private mutating func goBack(to disk: Simulation.Disk, _ steps: Steps) {
        let end = disk.checkpoint.step
        self.trained = steps.trained.filter { $0.key < end }
        self.journalled = steps.journalled.filter { $0.key < end }
        for (step, held) in disk.journal where step >= end {
            for received in held.groups { self.noteJournalled(received.group) }
        }
    }

    mutating func note(_ step: GlobalStep, _ groups: [RolloutGroup], on weights: UInt64) {
        func anyAttempt(_ groups: [RolloutGroup]) -> [RolloutGroup] {
            groups.map { group in
                var group = group
                group.attempt = 1
                return group
            }
        }
        if let before = self.trained[step], !self.hasOtherPast {
            if anyAttempt(before) != anyAttempt(groups) || self.weightsBefore[step] != weights {
                self.violation("step \(step) was trained twice, on different groups or weights")
            }
        }
        self.trained[step] = groups
        self.weightsBefore[step] = weights
    }

    mutating func noteInstall(_ manifest: PolicyManifest, of buffer: [[UInt8]], by worker: Simulation.Address) {
        if buffer != manifest.chunkHashes { self.violation("\(worker) installed a mixture as \(manifest.version)") }
        if let before = self.installed[worker], before > manifest.version, !self.isRewound {
            self.violation("\(worker) went back from policy \(before) to \(manifest.version)")
        }
        self.installed[worker] = manifest.version
    }

    mutating func noteDeltas(_ count: Int, areRight: Bool) {
        self.deltas.longest = max(self.deltas.longest, count)
        if areRight { self.deltas.right += 1 } else { self.deltas.wrong += 1 }
    }

    mutating func note(_ event: RunEvent) {
        switch event {
        case .started: self.offers = [:]
        case .joined(let node, _), .left(let node, _), .died(let node, _, _):
            for group in self.offers.keys { self.offers[group] = self.offers[group]?.filter { $0.node != node } }
        case .leaseExpired(let group, let node, _):
            self.offers[group] = self.offers[group]?.filter { $0.node != node }
        case .discarded(let discarded): self.offers[discarded.lease.group] = nil
        default: break
        }
    }

    /// Who else is entitled to a group that is about to be offered.
    func holders(of group: GroupID) -> [Simulation.Address] { (self.offers[group] ?? []).sorted() }

    mutating func noteOffer(_ group: GroupID, to worker: Simulation.Address) {
        self.offers[group, default: []].insert(worker)
    }

    /// A worker gave a group back; an offer that comes twice may let it take the group again.
    mutating func noteReturn(_ group: GroupID, by worker: Simulation.Address) {
        self.offers[group]?.remove(worker)
    }
}

extension Simulation {
    /// No group is offered while another live worker holds it and the controller has no reason to think otherwise, but to
    /// one other worker when the holder is slow.
    func checkOffer(_ lease: Lease, to peer: Address) {
        if lease.group.purpose == .training, let step = self.controller?.snapshot.step {
            let last = self.gate.lastStep(at: step.startVersion)
            if !(step...last).contains(lease.group.step) || lease.group.step.rawValue >= self.settings.plan.steps {
                self.ledger.violation("\(lease.group) was offered while the run was at step \(step)")
            }
            if lease.oldestVersion != self.gate.oldestVersion(in: lease.group.step) {
                self.ledger.violation("\(lease.group) was offered from version \(lease.oldestVersion) on")
            }
        }
        let holders = self.ledger.holders(of: lease.group).filter { holder in
            holder != peer && self.address(holder.node) == holder
                && self.workers[holder.node]?.heldLeases.contains { $0.group == lease.group } ?? false
        }
        let isCopy = holders.count == 1 && self.isSlow(holders[0].node) && !self.isSlow(peer.node)
        if !holders.isEmpty, !isCopy {
            self.ledger.violation("\(lease.group) was offered to \(peer) while \(holders) hold it")
        }
        self.ledger.noteOffer(lease.group, to: peer)
    }
}

extension Simulation {
    /// Every slot is written once, unless what was there was thrown out.
    func checkThatItIsNew(_ received: ReceivedGroup) {
        let held = self.disk.journal[received.group.id.step]?.groups ?? []
        if held.contains(where: { $0.group.id == received.group.id }) {
            self.ledger.violation("\(received.group.id) of \(received.sender) was written though it was there")
        }
    }

    /// No group that is made durable is of a policy too old for its step.
    func checkVersion(of group: RolloutGroup) {
        for version in [group.policyVersion, group.newestVersion]
        where !self.gate.mayUse(version, in: group.id.step) {
            self.ledger.violation("\(group.id) was accepted of version \(version)")
        }
    }
}
