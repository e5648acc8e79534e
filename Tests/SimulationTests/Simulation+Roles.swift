import EADController
import EADCore
import EADLearner
import EADMessages
import EADProtocol
import EADTestKit
import EADWorker

/// The shells: performing what the state machines ask for.
extension Simulation {
    // MARK: Controller

    mutating func perform(_ effects: [ControllerEffect<Address>]) {
        for effect in effects {
            if self.controller == nil || self.tears(Self.controllerNode) { return }
            switch effect {
            case .persist(let snapshot): self.snapshot = snapshot
            case .send(let message, let peer, let number):
                if case .leaseOffer(let offer) = message { self.checkOffer(offer.lease, to: peer) }
                let envelope = self.controllerStamp.stamp(message, inReplyTo: number)
                self.send(envelope, from: Self.controllerNode, to: peer.node, life: peer.life)
            case .persistEvaluation(let report, let graded): self.evaluationFiles[report.version] = graded
            case .record(let event):
                self.log.append(event)
                self.ledger.note(event)
            case .tellOperator: break
            case .fail(let reason): self.ledger.violation("the controller gave up: \(reason)")
            case .exit: self.finished = true
            }
        }
    }

    // MARK: Learner

    mutating func handToLearner(_ letter: Network.Letter) {
        guard var learner = self.learner else { return }
        if letter.from.node == Self.controllerNode {
            let news = learner.member.receive(letter.envelope.message, now: self.now)
            self.learner = learner
            news.map { self.performLearner($0) }
        } else {
            let effects = learner.state.receive(letter.envelope, from: letter.from)
            self.learner = learner
            self.perform(effects)
        }
    }

    mutating func performLearner(_ duty: Member.Duty) {
        guard let learner = self.learner, !self.tears(Self.learnerNode) else { return }
        switch duty {
        case .hello:
            self.tellControllerAsLearner(
                .hello(
                    learner.member.hello(
                        nextStep: learner.state.step, acceptedSlots: learner.state.acceptedSlots,
                        slotCount: learner.state.slotCount)))
        case .heartbeat:
            let activity = learner.state.activity == .training ? "training" : "idle"
            self.tellControllerAsLearner(.heartbeat(self.heartbeat(activity, credit: 0)))
        case .search: break
        }
    }

    mutating func performLearner(_ news: Member.News) {
        guard var learner = self.learner, !self.tears(Self.learnerNode) else { return }
        switch news {
        case .joined(let welcome, _):
            let more = learner.state.joined(welcome.run)
            self.learner = learner
            self.perform(more)
        case .heard(let reply):
            var more = learner.state.controller(isAt: reply.step)
            if reply.stop {
                more += learner.state.drain(checkpointIsCurrent: self.disk.checkpoint.step == learner.state.step)
            }
            self.learner = learner
            self.perform(more)
        case .refused(let refusal): self.stop(Self.learnerNode, refusal)
        }
    }

    private mutating func tellControllerAsLearner(_ message: Message) {
        guard var learner = self.learner else { return }
        let envelope = learner.member.stamp.stamp(message)
        self.learner = learner
        self.send(envelope, from: Self.learnerNode, to: Self.controllerNode)
    }

    mutating func perform(_ effects: [LearnerEffect<Address>]) {
        for effect in effects {
            guard var learner = self.learner, !self.tears(Self.learnerNode) else { return }
            switch effect {
            case .journal(let group, let run):
                self.disk.journal.append((run, group))
                self.ledger.noteJournalled(group)
            case .answer(let message, let peer, let number):
                if case .groupAck(let ack) = message, ack.status == .accepted,
                    let group = self.disk.journal.last(where: { $0.group.id == ack.lease.group })?.group
                {
                    self.ledger.acknowledged.append(group)
                }
                let envelope = learner.member.stamp.stamp(message, inReplyTo: number)
                self.learner = learner
                self.send(envelope, from: Self.learnerNode, to: peer.node, life: peer.life)
            case .tellController(let message): self.tellControllerAsLearner(message)
            case .train(let step, let groups): self.training = (self.now + Self.second, step, groups)
            case .publish: self.publishing = (self.now + .milliseconds(200), learner.state.step)
            case .checkpoint(let step): self.checkpointing = (self.now + Self.second, step)
            case .sendChunk(let chunk, let peer, let number):
                let envelope = learner.member.stamp.stamp(.policyChunk(chunk), inReplyTo: number)
                self.learner = learner
                self.send(
                    envelope, from: Self.learnerNode, to: peer.node, life: peer.life,
                    payload: Self.chunks(of: self.weights)[Int(chunk.index)])
            case .say(.warning, let text):
                // The only fault a learner may find is that its filter keeps too little.
                if !text.contains("group_filter_rounds") { self.ledger.violation(text) }
            case .leave(let reason): self.leave(Self.learnerNode, reason)
            }
        }
    }

    // MARK: Workers

    mutating func handToWorker(_ node: NodeID, _ letter: Network.Letter) {
        guard var worker = self.workers[node] else { return }
        var effects: [WorkerEffect] = []
        var news: Member.News?
        switch letter.envelope.message {
        case .leaseOffer(let offer): effects = worker.process.state.receive(offer, now: self.now)
        case .groupAck(let ack): effects = worker.process.state.receive(ack)
        case .policyManifest(let manifest): effects = worker.process.state.receive(manifest, now: self.now)
        case .policyChunk(let chunk):
            guard let wanted = worker.process.state.wantedManifest, wanted.version == chunk.version,
                Int(chunk.index) < wanted.chunkHashes.count
            else { return }
            let damaged = self.elapsed < self.faults.end && self.random.chance(self.faults.loss)
            let intact = !damaged && letter.payload == wanted.chunkHashes[Int(chunk.index)]
            if intact, let payload = letter.payload { worker.buffer[Int(chunk.index)] = payload }
            effects = worker.process.state.receivedChunk(chunk, intact: intact, now: self.now)
        case .refusal(let refusal) where letter.from.node == Self.learnerNode:
            effects = worker.process.state.policyRefused(refusal.reason, now: self.now)
        default: news = worker.process.member.receive(letter.envelope.message, now: self.now)
        }
        self.workers[node] = worker
        self.perform(effects, of: node)
        news.map { self.perform($0, of: node) }
    }

    mutating func perform(_ duty: Member.Duty, of node: NodeID) {
        guard let worker = self.workers[node], !self.tears(node) else { return }
        switch duty {
        case .hello: self.tell(Self.controllerNode, .hello(worker.process.member.hello()), as: node)
        case .heartbeat:
            let state = worker.process.state
            self.tell(
                Self.controllerNode,
                .heartbeat(
                    self.heartbeat(
                        "generating", credit: state.draining ? 0 : 3, leases: state.heldLeases,
                        draining: state.draining)), as: node)
        case .search: break
        }
    }

    mutating func perform(_ news: Member.News, of node: NodeID) {
        guard var worker = self.workers[node], !self.tears(node) else { return }
        switch news {
        case .joined: break
        case .heard(let reply):
            var more = worker.process.state.follow(reply.step)
            if reply.stop { more += worker.process.state.drain(now: self.now) }
            self.workers[node] = worker
            self.perform(more, of: node)
        case .refused(let refusal): self.stop(node, refusal)
        }
    }

    mutating func perform(_ effects: [WorkerEffect], of node: NodeID) {
        for effect in effects {
            guard var worker = self.workers[node], !self.tears(node) else { return }
            switch effect {
            case .tellController(let message): self.tell(Self.controllerNode, message, as: node)
            case .tellLearner(let message):
                self.tell(Self.learnerNode, message, as: node)
                if case .rolloutGroup(var group) = message, self.random.chance(self.faults.echo) {
                    group.attempt += 1
                    self.tell(Self.learnerNode, .rolloutGroup(group), as: node)
                }
            case .generate(let lease):
                let duration = Duration.milliseconds(Int64(200 + self.random.next() % 2000))
                worker.jobs.append((self.now + duration, lease))
                self.workers[node] = worker
            case .cancel(let id):
                worker.jobs.removeAll { $0.lease.group == id }
                self.workers[node] = worker
            case .beginDownload, .say: break
            case .install(let manifest):
                self.ledger.noteInstall(manifest, of: worker.buffer, by: self.address(node))
                worker.policy = (manifest.version, worker.buffer)
                let more = worker.process.state.installed(manifest, now: self.now)
                self.workers[node] = worker
                self.perform(more, of: node)
            case .leave(let reason): self.leave(node, reason)
            }
        }
    }

    private mutating func tell(_ peer: NodeID, _ message: Message, as node: NodeID) {
        guard var worker = self.workers[node] else { return }
        let envelope = worker.process.member.stamp.stamp(message)
        self.workers[node] = worker
        self.send(envelope, from: node, to: peer)
    }

    // MARK: Membership

    private mutating func leave(_ node: NodeID, _ reason: String) {
        if node == Self.learnerNode {
            self.tellControllerAsLearner(.goodbye(Goodbye(reason: reason)))
        } else {
            self.tell(Self.controllerNode, .goodbye(Goodbye(reason: reason)), as: node)
        }
        self.left.insert(node)
        self.remove(node)
    }

    /// The process ends with an error; whoever watches over it starts it again.
    private mutating func stop(_ node: NodeID, _ refusal: Refusal) {
        if refusal.code != .fenced { self.ledger.violation("\(node) was refused: \(refusal)") }
        self.ledger.fenced += 1
        self.kill(node)
    }

    func heartbeat(
        _ activity: String, credit: UInt32, leases: [LeaseID] = [], draining: Bool = false
    ) -> Heartbeat {
        Heartbeat(
            activity: activity, waitingFor: "", waitingMilliseconds: 0,
            // The model's engines always get on.
            progress: UInt64(self.elapsed.milliseconds), tokens: 0, tokensPerSecond: 0,
            policyVersion: PolicyVersion(0), credit: credit, leases: leases, residentBytes: 0, draining: draining)
    }
}
