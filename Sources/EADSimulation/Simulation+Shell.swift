import EADController
import EADCore
import EADLearner
import EADMessages
import EADProtocol
import EADTestKit
import EADWorker

/// The shell of every process: what the state decides is performed, unless the process dies in between.
extension Simulation {
    func stepController(
        _ input: (inout ControllerState) -> [RoleEffect<ControllerCommand>]
    ) {
        guard self.controller != nil else { return }
        let effects = input(&self.controller!)
        self.carryOut(effects, of: Self.controllerNode) {
            self.controller!.stamp.stamp($0, inReplyTo: $1)
        } perform: {
            self.perform($0)
        }
    }

    func stepLearner(_ input: (inout LearnerState) -> [LearnerEffect]) {
        guard self.learner != nil else { return }
        let effects = input(&self.learner!)
        self.carryOut(effects, of: Self.learnerNode) {
            self.learner!.stamp.stamp($0, inReplyTo: $1)
        } perform: {
            self.perform($0)
        }
    }

    func stepWorker(_ node: NodeID, _ input: (inout WorkerState) -> [WorkerEffect]) {
        guard self.isAlive(node) else { return }
        let effects = input(&self.workers[node]!)
        self.carryOut(effects, of: node) {
            self.workers[node]!.stamp.stamp($0, inReplyTo: $1)
        } perform: {
            self.perform($0, by: node)
        }
    }

    /// What a state decided is done, one effect after the other, as long as its process lives.
    private func carryOut<Command>(
        _ effects: [RoleEffect<Command>], of node: NodeID,
        stamp: (Message, UInt64) -> Envelope, perform: (Command) -> Void
    ) {
        var effects = effects
        if self.faults.mutant == .acknowledgedBeforeDurable {
            effects = effects.filter(\.isSent) + effects.filter { !$0.isSent }
        }
        for effect in effects {
            guard self.isAlive(node), !self.tears(node) else { return }
            self.note(node, effect)
            switch effect {
            case .send(let message, let payload, let party, let number):
                for message in [message] + self.echoes(of: message) {
                    self.send(EnvelopeCodec.encode(stamp(message, number)), payload, from: node, to: party)
                }
                self.observe(message, to: party)
            case .perform(let command): perform(command)
            case .tellOperator(let notice, let text): self.observe(notice, text, of: node)
            case .finish: self.end(node)
            case .fail(let failure): return self.crash(node, failure)
            }
        }
    }

    /// A letter has come: bytes become an envelope, and whose it is says where it came from.
    func hand(_ letter: Network.Letter) {
        if let life = letter.life, life != self.lives[letter.to] { return }
        guard var envelope = try? EnvelopeCodec.decode(letter.envelope) else {
            return self.ledger.violation("\(letter.from) sent what cannot be read")
        }
        self.note(letter)
        if self.faults.mutant == .ignoredEpoch, let epoch = self.newestEpoch[letter.from.node] {
            envelope.epoch = max(envelope.epoch, epoch)
        }
        self.newestEpoch[letter.from.node] = max(envelope.epoch, self.newestEpoch[letter.from.node] ?? envelope.epoch)
        let (now, contents) = (self.clock(letter.to), Letter(envelope, payload: letter.payload))
        switch letter.to {
        case Self.controllerNode:
            if case .leaseReturn(let answer) = envelope.message {
                self.ledger.noteReturn(answer.lease.group, by: letter.from)
            }
            self.stepController { $0.receive(contents, from: .peer(letter.from.peer), now: now) }
        case Self.learnerNode:
            let isController = letter.from.node == Self.controllerNode
            self.stepLearner {
                $0.receive(contents, from: isController ? .controller : .peer(letter.from.peer), now: now)
            }
            self.writeAgain(envelope)
        case let node:
            let isController = letter.from.node == Self.controllerNode
            self.stepWorker(node) { $0.receive(contents, from: isController ? .controller : .learner, now: now) }
        }
    }

    private func writeAgain(_ envelope: Envelope) {
        guard self.faults.mutant == .writtenTwice, case .rolloutGroup(let group) = envelope.message, let run = self.run,
            let held = self.disk.journal[group.id.step]?.groups.first(where: { $0.group.id == group.id }),
            held.sender != envelope.sender, held.group.policyVersion == group.policyVersion,
            held.group.rollouts.count == group.rollouts.count
        else { return }
        self.perform(.journal(ReceivedGroup(group, from: envelope.sender), run))
    }

    /// Everybody learns what time it is.
    func tick() {
        if self.pausedUntil[Self.learnerNode] == nil, !self.learnerJobs.isEmpty {
            self.progress[Self.learnerNode, default: 0] += 1
        }
        let slow = self.workerNodes.prefix(self.faults.slow)
        for node in self.workerNodes where self.pausedUntil[node] == nil {
            guard let engine = self.engines[node], !engine.jobs.isEmpty else { continue }
            self.progress[node, default: 0] += 1
            let isSaidSlow =
                slow.contains(node) || (self.faults.mutant == .copiesOfEquals && node == self.workerNodes[0])
            self.engines[node]?.count(
                Self.tick.milliseconds, passesPerSecond: 160 / UInt64(isSaidSlow ? self.faults.slowness : 1))
        }
        func gauges(_ node: NodeID) -> Gauges {
            let engine = self.engines[node]
            return Gauges(
                progress: self.progress[node] ?? 0, tokens: engine?.tokens ?? 0, passes: engine?.passes ?? 0,
                passMilliseconds: engine?.passMilliseconds ?? 0)
        }
        if self.pausedUntil[Self.controllerNode] == nil {
            let now = self.clock(Self.controllerNode)
            self.stepController { $0.tick(Gauges(), now: now) }
        }
        if self.pausedUntil[Self.learnerNode] == nil {
            let (gauges, now) = (gauges(Self.learnerNode), self.clock(Self.learnerNode))
            self.stepLearner { $0.tick(gauges, now: now) }
        }
        for node in self.workerNodes where self.pausedUntil[node] == nil {
            let (gauges, now) = (gauges(node), self.clock(node))
            self.stepWorker(node) { $0.tick(gauges, now: now) }
        }
    }

    /// A person, or the system it runs on, asks a process to leave.
    func drain(_ node: NodeID) {
        let now = self.clock(node)
        if node == Self.learnerNode {
            self.stepLearner { $0.drain(now: now) }
        } else {
            self.stepWorker(node) { $0.drain(now: now) }
        }
    }

    private func end(_ node: NodeID) {
        if node == Self.controllerNode {
            self.finished = true
        } else {
            if self.draining.contains(node), !self.finished {
                self.revivals[node] = self.now + .milliseconds(Int64(500 + self.random.next() % 20_000))
            }
            self.left.insert(node)
            self.remove(node)
        }
    }

    /// The process ends with an error; whoever watches over it starts it again.
    private func crash(_ node: NodeID, _ failure: RoleFailure) {
        if node == Self.controllerNode, self.workerNodes.allSatisfy(self.lies) {
            self.ending = failure.message
        } else if failure.code != .fenced {
            self.ledger.violation("\(node) failed: \(failure)")
        }
        self.ledger.fenced += 1
        self.kill(node)
    }

    private func address(of party: Party) -> (node: NodeID, life: Int?) {
        switch party {
        case .controller: return (Self.controllerNode, nil)
        case .learner: return (Self.learnerNode, nil)
        case .peer(let peer):
            let address = Address(peer)
            return (address.node, address.life)
        }
    }

    private func send(
        _ envelope: [UInt8], _ payload: SharedBytes?, from: NodeID, to party: Party
    ) {
        let (node, life) = self.address(of: party)
        self.send(envelope, from: from, to: node, life: life, payload: payload)
    }

    /// A result that comes once more under another attempt, and what nobody asked for.
    private func echoes(of message: Message) -> [Message] {
        guard case .rolloutGroup(var group) = message else { return [] }
        var echoes: [Message] = []
        if self.strikes(.echo) {
            group.attempt += 1
            echoes.append(.rolloutGroup(group))
        }
        if self.strikes(.nonsense) {
            echoes.append(self.nonsense(of: group))
        }
        return echoes
    }

    /// A group that contradicts what was leased.
    private func nonsense(of group: RolloutGroup) -> Message {
        var group = group
        let step = group.id.step.rawValue
        // What lies within the bound could have been leased: who sends that lies about prompts, which nobody can notice.
        let far = self.gate.bound + 1
        switch self.random.next() % 5 {
        case 0: group.id = GroupID(step: GlobalStep(step + far), slot: group.id.slot)
        case 1: group.id = GroupID(step: GlobalStep(step < far ? step + far : step - far), slot: group.id.slot)
        case 2: group.id = GroupID(step: group.id.step, slot: group.id.slot + 1000)
        case 3: group.rollouts.removeLast()
        default:
            group.policyVersion = PolicyVersion(group.policyVersion.rawValue + far)
            // Whole as it is, it contradicts what exists, not itself.
            for index in group.rollouts.indices { group.rollouts[index].runs = VersionRuns() }
        }
        return .rolloutGroup(group)
    }

    private func observe(_ message: Message, to party: Party) {
        switch (message, party) {
        case (.leaseOffer(let offer), .peer(let peer)): self.checkOffer(offer.lease, to: Address(peer))
        case (.groupAck(let ack), _) where ack.status == .accepted:
            let held = self.disk.journal[ack.lease.group.step]?.groups
            guard let group = held?.last(where: { $0.group.id == ack.lease.group })?.group else {
                return self.ledger.violation("\(ack.lease.group) was acknowledged and is not on disk")
            }
            self.ledger.acknowledged.append(group)
        default: break
        }
    }

    private func observe(_ notice: Notice, _ text: String, of node: NodeID) {
        // The only fault a learner may find is that its filter keeps too little.
        guard node == Self.learnerNode, notice == .warning, !text.contains("group_filter_rounds") else { return }
        let isLie = ["is thrown out", "with other samples than before", "its files promised"].contains {
            text.contains($0)
        }
        if isLie, self.faults.liars > 0 { return }
        if !text.contains("the controller is silent") { self.ledger.violation(text) }
    }
}

/// What happened, for whoever compares two runs of the same.
extension Simulation {
    private func note(_ letter: Network.Letter) {
        let contents = letter.envelope.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        self.note(letter.order, UInt64(letter.from.life), contents)
    }

    private func note<Command>(_ node: NodeID, _ effect: RoleEffect<Command>) {
        let kind: UInt64 =
            switch effect {
            case .send: 1
            case .perform: 2
            case .tellOperator: 3
            case .finish: 4
            case .fail: 5
            }
        self.note(UInt64(self.nodes.firstIndex(of: node) ?? 0), kind)
    }
}

extension RoleEffect {
    fileprivate var isSent: Bool { if case .send = self { true } else { false } }
}
