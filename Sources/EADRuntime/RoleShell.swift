import EADCore
import EADMessages
import EADProtocol
import EADTransport
import Logging
import ServiceLifecycle

/// The shell of every role: it owns the sockets, tells the state what comes in and what time it is, performs its effects,
/// and decides nothing.
package actor RoleShell<Wiring: RoleWiring>: Service {
    private let executor: ThreadExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { self.executor.asUnownedSerialExecutor() }

    private let context: RoleContext
    private let wiring: Wiring
    private var state: Wiring.State
    private var listener: Listener?
    private var controller: Connection?
    private var learner: Connection?
    private var failure: RoleFailure?
    /// The controller has found nothing wrong with this process.
    private var isWelcome = false
    private let life = RoleLife()
    private let notice = ServiceNotice.standard
    /// When the service manager is told again that this role is not stuck.
    private var nextNotice: ContinuousClock.Instant?
    private let clock = ContinuousClock()

    package init(context: RoleContext, state: Wiring.State, wiring: sending Wiring) {
        self.executor = ThreadExecutor(name: context.role.rawValue)
        self.context = context
        self.state = state
        self.wiring = wiring
    }

    package func run() async throws {
        let listener = Wiring.sockets.listens ? try await self.context.listen() : nil
        let controller = Wiring.sockets.connectsToController ? try await self.context.connectToController() : nil
        let learner = Wiring.sockets.connectsToLearner ? try await self.context.connectToLearner() : nil
        self.listener = listener
        self.controller = controller
        self.learner = learner
        if let listener { self.context.logger.info("listening on \(listener.endpoint)") }
        // Nobody refuses a controller that got as far as this.
        if controller == nil { try self.context.recordConfiguration() }
        self.perform(self.state.start(now: self.clock.now))
        self.notice.ready()
        let events = self.wiring.events
        var children = self.wiring.threads
        children.append { for await event in events { await self.receive(event) } }
        if let listener {
            children.append {
                for await message in listener.inbound {
                    if let peer = message.peer { await self.receive(message, .peer(peer)) }
                }
            }
        }
        if let controller {
            children.append { for await message in controller.inbound { await self.receive(message, .controller) } }
        }
        if let learner {
            children.append { for await message in learner.inbound { await self.receive(message, .learner) } }
        }
        do {
            try await self.life.run(
                tick: { await self.tick() }, drain: { await self.drain() }, children: children)
            if let failure = self.failure { throw failure }
        } catch {
            // A cancelled one is not at fault.
            if !(error is CancellationError) { self.perform(self.state.fail(RoleFailure(error))) }
            throw error
        }
    }

    /// What the state says of itself at this moment, for whoever shows it to people.
    package func look<Value: Sendable>(
        _ body: @Sendable (borrowing Wiring.State, ContinuousClock.Instant) -> Value
    ) -> Value {
        // With the figures of this moment, not of the tick before.
        self.tick()
        return body(self.state, self.clock.now)
    }

    // MARK: Inputs

    private func tick() {
        if let interval = self.notice.interval, self.clock.now >= self.nextNotice ?? self.clock.now {
            self.notice.alive()
            self.nextNotice = self.clock.now + interval
        }
        var gauges = self.wiring.gauges
        gauges.residentBytes = ProcessIdentity.residentBytes
        gauges.counters = gauges.counters + self.context.transport.counters.metrics
        self.perform(self.state.tick(gauges, now: self.clock.now))
    }

    private func receive(_ message: InboundMessage, _ party: Party) {
        let now = self.clock.now
        switch self.context.read(message) {
        case .success(let letter):
            // What an operator asks is answered with the figures of this moment, not of the tick before.
            if case .controlRequest = letter.envelope.message { self.tick() }
            if case .welcome = letter.envelope.message, party == .controller, !self.isWelcome {
                self.isWelcome = true
                do { try self.context.recordConfiguration() } catch { return self.fail(RoleFailure(error)) }
            }
            self.perform(self.state.receive(letter, from: party, now: now))
        case .failure(let unusable): self.perform(self.state.refuse(unusable, from: party, now: now))
        }
    }

    private func receive(_ event: Wiring.State.Event) {
        self.perform(self.state.receive(event, now: self.clock.now))
    }

    private func drain() {
        self.notice.leaving()
        self.perform(self.state.drain(now: self.clock.now))
    }

    // MARK: Effects

    private func perform(_ effects: [Wiring.State.Effect]) {
        for effect in effects {
            switch effect {
            case .send(let message, let payload, let party, let number):
                let envelope = self.state.stamp.stamp(message, inReplyTo: number)
                let bytes = SharedBytes(EnvelopeCodec.encode(envelope))
                let limit = self.context.maximumMessageBytes
                if bytes.count > limit {
                    let oversized = OversizedMessage(message, bytes: bytes.count, limit: limit)
                    self.perform(self.state.keep(oversized, now: self.clock.now))
                } else {
                    self.send(payload.map { [bytes, $0] } ?? [bytes], to: party)
                }
            case .perform(let command):
                // What could not be made durable must not be acted on: the rest of the effects are dropped.
                do { try self.wiring.perform(command) } catch { return self.fail(RoleFailure(error)) }
            case .tellOperator(.information, let text): self.context.logger.info("\(text)")
            case .tellOperator(.warning, let text): self.context.logger.warning("\(text)")
            case .finish: self.life.finish()
            case .fail(let failure): return self.fail(failure)
            }
        }
    }

    private func send(_ parts: [SharedBytes], to party: Party) {
        let isSent =
            switch party {
            case .controller: self.controller?.trySend(parts)
            case .learner: self.learner?.trySend(parts)
            case .peer(let peer): self.listener?.trySend(parts, to: peer)
            }
        // The protocol's own deadlines repeat it.
        if isSent != true { self.context.logger.debug("not sent: the queue is full or not connected") }
    }

    private func fail(_ failure: RoleFailure) {
        // The first cause is the one that explains the end.
        self.failure = self.failure ?? failure
        self.life.finish()
    }
}
