import EADCore
import EADMessages
import EADProtocol
import EADTelemetry

/// Giving out work and taking what becomes of it.
extension ControllerState {
    private enum Source { case evaluation, training }

    /// The sources that may give out work now, in the order in which they are asked: decided here and nowhere else.
    ///
    /// While a version is evaluated training waits: the learner would put the next version in its place.
    private var openSources: [Source] {
        guard case .here = self.learner else { return [] }
        switch self.course {
        case .training: return self.isPaused ? [] : [.training]
        case .evaluating: return self.isPaused && self.evaluations.requested == nil ? [] : [.evaluation]
        case .stopping, .finished: return []
        }
    }

    /// Decides what happens next, offers what there is to produce, and notices the end.
    mutating func advance(_ now: ContinuousClock.Instant) -> [Effect] {
        if let reason = self.reasonToGiveUp(now) { return [.fail(reason)] }
        var effects = self.finishEvaluation()
        self.window.wait(at: self.barrier(from: self.window.step))
        self.beginEvaluation()
        if self.isEverythingDone, !self.course.isFinished {
            self.course.finish(now: now)
            effects += [
                .record(.finished), .persist(self.snapshot), .tellOperator(.information, "the run is finished"),
            ]
        }
        effects += self.offerWork(now)
        effects += self.exitIfAlone(now)
        self.waits.become(self.currentWait(now), now: now)
        return effects
    }

    var isEverythingDone: Bool { self.window.isFinished && self.dueEvaluation == nil }

    // MARK: Offers

    /// Offers free groups one at a time to the worker that holds the smallest share of its credit.
    private mutating func offerWork(_ now: ContinuousClock.Instant) -> [Effect] {
        let sources = self.openSources
        var isExhausted = false
        defer { self.exhaustion.become(isExhausted, now: now) }
        guard !sources.isEmpty else { return [] }
        var held: [NodeID: Int] = [:]
        self.window.count(into: &held)
        self.course.evaluation?.count(into: &held)
        // Most of the time everybody has as many as it takes.
        guard self.roster.members.contains(where: { held[$0.key] ?? 0 < $0.value.heartbeat.credit }) else { return [] }
        // One that takes nothing at present, perhaps for long, is not waited for.
        let able = self.ableWorkers(now).filter { self.roster.members[$0]?.heartbeat.credit ?? 0 > 0 }
        var effects: [Effect] = []
        var room: [(node: NodeID, peer: Peer, held: Int, credit: Int)] = []
        for node in able {
            guard let entry = self.roster.members[node] else { continue }
            let held = held[node] ?? 0
            let credit = min(Int(entry.heartbeat.credit), self.quarantine.limit(of: node, now: now) ?? .max)
            if held < credit { room.append((node, entry.peer, held, credit)) }
        }
        room.sort { $0.node < $1.node }
        while let next = room.indices.min(by: {
            room[$0].held * room[$1].credit < room[$1].held * room[$0].credit
        }) {
            let lease: Lease
            if let next = self.nextLease(for: room[next].node, among: able, of: sources, now) {
                lease = next
                if lease.attempt > 1 { self.counters[\.leasesRepeated] += 1 }
            } else if let copy = self.nextCopy(for: room[next].node, of: sources, now) {
                lease = copy
                self.counters[\.copiesBegun] += 1
            } else {
                // What is left, it has failed; others may take it.
                room.remove(at: next)
                isExhausted = true
                continue
            }
            effects.append(.send(.leaseOffer(LeaseOffer(lease: lease)), to: room[next].peer, inReplyTo: 0))
            room[next].held += 1
            if room[next].held >= room[next].credit { room.remove(at: next) }
        }
        return effects
    }

    private mutating func nextLease(
        for node: NodeID, among able: Set<NodeID>, of sources: [Source], _ now: ContinuousClock.Instant
    ) -> Lease? {
        for source in sources {
            let lease =
                switch source {
                case .evaluation: self.course.evaluation?.offer(to: node, among: able, now: now)
                case .training: self.window.offer(to: node, among: able, now: now)
                }
            if let lease { return lease }
        }
        return nil
    }

    /// The oldest group of a worker at most half as fast, for one to which nothing else can be given.
    ///
    /// Among workers that are about as fast copies would only take the place of what comes next.
    private mutating func nextCopy(for node: NodeID, of sources: [Source], _ now: ContinuousClock.Instant) -> Lease? {
        guard self.settings.copiesSlowGroups else { return nil }
        let slower = self.paces.slower(than: node)
        guard !slower.isEmpty else { return nil }
        for source in sources {
            let lease =
                switch source {
                case .evaluation: self.course.evaluation?.offerCopy(to: node, of: slower, now: now)
                case .training: self.window.offerCopy(to: node, of: slower, now: now)
                }
            if let lease { return lease }
        }
        return nil
    }

    // MARK: Leases, whatever their source

    mutating func acceptLease(_ lease: LeaseID, by node: NodeID, _ now: ContinuousClock.Instant) {
        self.window.accept(lease, by: node, now: now)
        self.course.evaluation?.accept(lease, by: node, now: now)
    }

    mutating func renewLeases(_ leases: [LeaseID], of node: NodeID, _ now: ContinuousClock.Instant) {
        self.window.renew(leases, of: node, now: now)
        self.course.evaluation?.renew(leases, of: node, now: now)
    }

    /// Leases of whose end word was lost: no worker is to blame, and their groups are free at once.
    mutating func endUnlisted(by node: NodeID, listing leases: [LeaseID]) -> [Effect] {
        let ended =
            self.window.endUnlisted(by: node, listing: leases)
            + (self.course.evaluation?.endUnlisted(by: node, listing: leases) ?? [])
        return ended.flatMap { lease -> [Effect] in
            let told = "\(node) has \(lease.held.group) no longer, and what became of it was lost on the way"
            return [self.recordExpiry(of: lease), .tellOperator(.warning, told)]
        }
    }

    /// A lease ended without a word of its holder.
    mutating func recordExpiry(of lease: EndedLease) -> Effect {
        self.counters[\.leasesExpired] += 1
        return .record(.leaseExpired(lease.held.group, lease.node, attempt: lease.held.attempt))
    }

    /// Those whose groups are safe, so that nobody needs to make them.
    func finished(of leases: [LeaseID]) -> [LeaseID] {
        self.window.finished(of: leases) + (self.course.evaluation?.finished(of: leases) ?? [])
    }

    @discardableResult
    mutating func releaseLeases(of node: NodeID) -> [EndedLease] {
        self.window.release(node) + (self.course.evaluation?.release(node) ?? [])
    }

    mutating func expireLeases(_ now: ContinuousClock.Instant) -> [EndedLease] {
        self.window.expire(now: now) + (self.course.evaluation?.expire(now: now) ?? [])
    }

    /// A worker is done with a lease, one way or the other.
    mutating func endLease(_ answer: LeaseReturn, by node: NodeID, _ now: ContinuousClock.Instant) -> [Effect] {
        let lease = answer.lease
        switch answer.outcome {
        case .completed:
            // That a training group is safe is for the learner to say.
            guard let evaluation = self.course.evaluation, evaluation.covers(lease.group) else {
                self.quarantine.delivered(node, forTraining: true)
                if self.window.delivered(lease) { self.counters[\.copiesWon] += 1 }
                return []
            }
            guard !evaluation.isAnswered(lease.group) else { return [] }
            if let objection = evaluation.objection(to: answer.samples) {
                return self.failLease(lease, by: node, objection, now)
            }
            self.quarantine.delivered(node, forTraining: false)
            if self.course.evaluation?.delivered(lease) ?? false { self.counters[\.copiesWon] += 1 }
            self.course.evaluation?.accept(answer.samples, for: lease.group)
            return []
        case .declined:
            self.window.decline(lease, by: node)
            self.course.evaluation?.decline(lease, by: node)
            return []
        case .failed:
            return self.failLease(lease, by: node, answer.reason, now)
        }
    }

    private mutating func failLease(
        _ lease: LeaseID, by node: NodeID, _ reason: String, _ now: ContinuousClock.Instant
    ) -> [Effect] {
        guard self.window.covers(lease.group) || self.course.evaluation?.covers(lease.group) ?? false else { return [] }
        self.counters[\.leasesFailed] += 1
        self.window.fail(lease, by: node, reason: reason)
        self.course.evaluation?.fail(lease, by: node, reason: reason)
        return [.tellOperator(.warning, "\(node) could not produce \(lease.group): \(reason)")]
            + self.countFailure(of: node, reason, now)
    }
}
