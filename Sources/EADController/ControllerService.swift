import EADConfiguration
import EADCore
import EADFiles
import EADMessages
import EADProtocol
package import EADRuntime
import EADTransport
import Foundation
import Logging
import ServiceLifecycle

/// The controller's shell: performs what `ControllerState` decides, between its socket and the run directory.
package actor ControllerService: Service {
    private let executor: ThreadExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { self.executor.asUnownedSerialExecutor() }

    private let context: RoleContext
    private let clock = ContinuousClock()
    private let log: ControllerLog
    private var state: ControllerState<EADTransport.Peer>
    private var stamp: EnvelopeStamp
    private var listener: Listener?
    private var failure: RoleFailure?
    private let life = RoleLife()

    /// Loads the task and the durable state of the run, if there is one.
    /// - Throws: `RoleFailure` when the task cannot be loaded or the directory holds another run.
    package init(context: RoleContext) throws {
        let settings = try ControllerSettings(context.configuration)
        let log = try ControllerLog(context.directory)
        let snapshot =
            try RunSnapshot.load(context.directory.snapshot, configurationHash: settings.configurationHash)
            ?? RunSnapshot(run: .random(), configurationHash: settings.configurationHash.hexadecimal)
        self.executor = ThreadExecutor(name: "controller")
        self.context = context
        self.log = log
        self.state = ControllerState(
            settings: settings, snapshot: snapshot, reports: log.reports, now: self.clock.now)
        self.stamp = EnvelopeStamp(sender: context.node, run: snapshot.run)
    }

    package func run() async throws {
        let listener = try await self.context.transport.listen(on: self.context.configuration.controller.bind)
        self.listener = listener
        self.context.logger.info("run \(self.state.snapshot.run) on \(listener.endpoint)")
        self.perform(self.state.start())
        // A controller told to stop just leaves: everything it knows is on disk already.
        try await self.life.run(
            tick: { await self.tick() }, drain: { await self.finish() },
            children: [{ for await message in listener.inbound { await self.receive(message) } }])
        if let failure = self.failure { throw failure }
    }

    private func tick() { self.perform(self.state.tick(now: self.clock.now)) }

    private func receive(_ message: InboundMessage) {
        guard let peer = message.peer else { return }
        switch self.context.decodeOrRefuse(message) {
        case .success(let envelope):
            self.perform(self.state.receive(envelope, from: peer, now: self.clock.now))
        case .failure(let unusable):
            self.send(.refusal(unusable.refusal), to: peer, inReplyTo: unusable.number)
        }
    }

    private func perform(_ effects: [ControllerEffect<EADTransport.Peer>]) {
        for effect in effects {
            do {
                switch effect {
                case .persist(let snapshot): try snapshot.save(self.context.directory.snapshot)
                case .send(.statusReply(let status), let peer, let number):
                    self.send(.statusReply(self.counting(status)), to: peer, inReplyTo: number)
                case .send(let message, let peer, let number): self.send(message, to: peer, inReplyTo: number)
                case .persistEvaluation(let report, let graded):
                    try self.log.replaceEvaluation(
                        report, graded, planned: self.context.configuration.evaluation.samples)
                case .record(let event): try self.log.append(event)
                case .tellOperator(.information, let text): self.context.logger.info("\(text)")
                case .tellOperator(.warning, let text): self.context.logger.warning("\(text)")
                case .fail(let reason): throw RoleFailure(.software, reason)
                case .exit: self.finish()
                }
            } catch {
                // State that could not be made durable must not be acted on: the rest of the effects are dropped.
                self.failure = RoleFailure(error)
                return self.finish()
            }
        }
    }

    private func send(_ message: Message, to peer: EADTransport.Peer, inReplyTo number: UInt64) {
        let envelope = self.stamp.stamp(message, inReplyTo: number)
        self.context.send(envelope, payload: nil, to: peer, on: self.listener)
    }

    /// Adds what the transport turned away, which the state never sees.
    private func counting(_ status: StatusReply) -> StatusReply {
        var status = status
        status.counters += self.context.transport.counters.rejections.filter { $0.count > 0 }
            .map { Metric(name: $0.name, value: Double($0.count)) }
        return status
    }

    private func finish() { self.life.finish() }
}
