package import EADConfiguration
package import EADCore
import EADFiles
package import EADMessages
import EADProtocol
import EADTransport
import Logging

/// Asks the controller on behalf of a person: one request, one answer, a deadline, a few repetitions.
package actor ControlClient {
    /// The configured name of ead-ctl in envelopes and key lists.
    package static let node = SecurityConfiguration.control

    private let connection: Connection
    private var stamp = EnvelopeStamp(sender: ControlClient.node)
    private var waiting: [UInt64: CheckedContinuation<Message?, Never>] = [:]
    private let endpoint: Endpoint
    private let directory: RunLayout

    private init(connection: Connection, endpoint: Endpoint, directory: RunLayout) {
        self.connection = connection
        self.endpoint = endpoint
        self.directory = directory
    }

    /// Connects to the controller of a cluster for the duration of `body`.
    /// - Throws: what `body` throws, or `RoleFailure` when the transport cannot start.
    package static func with<Value: Sendable>(
        _ configuration: ClusterConfiguration, _ body: @Sendable (ControlClient) async throws -> Value
    ) async throws -> Value {
        var logger = Logger(label: "ead-ctl") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .error
        var settings = TransportConfiguration(security: try configuration.transportSecurity(of: Self.node))
        // A question to a controller that is gone is not worth waiting for.
        settings.linger = Fixed.controlLinger.value
        let transport = try Transport(configuration: settings, logger: logger)
        let endpoint = configuration.controller.endpoint
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                try await transport.run()
                return nil
            }
            let identity = Array("control/\(ProcessIdentity.nonce().hexadecimal)".utf8)
            let client = ControlClient(
                connection: try await transport.connect(
                    to: endpoint, identity: identity,
                    serverKey: configuration.curveKey(of: configuration.controller.name)),
                endpoint: endpoint, directory: RunLayout(configuration.run.directory))
            group.addTask {
                await client.pump()
                return nil
            }
            defer { group.cancelAll() }
            return try await body(client)
        }
    }

    /// Sends a request until it is answered.
    /// - Throws: `RoleFailure` (unavailable) when `attempts` times `timeout` pass without an answer, and what a refusal
    ///   says.
    package func request(
        _ request: ControlRequest, timeout: Duration = Fixed.controlRequest.value,
        attempts: Int = Fixed.controlAttempts.value
    ) async throws -> Message {
        _ = try self.knowsRun()  // Else the name alone says which is meant.
        for _ in 0..<attempts {
            switch await self.ask(request, timeout: timeout) {
            case .refusal(let refusal)?: throw RoleFailure(.configuration, refusal.reason)
            case let answer?: return answer
            case nil: break
            }
        }
        throw RoleFailure(
            .unavailable,
            "no answer from the controller at \(self.endpoint) within \(timeout * attempts); is ead-controller running?"
        )
    }

    /// Whether the controller of the run that is meant has written down here which it is, which is the first thing it does.
    package func knowsRun() throws(RoleFailure) -> Bool {
        if self.stamp.run == nil { self.stamp.run = try self.directory.recordedRun() }
        return self.stamp.run != nil
    }

    private func ask(_ request: ControlRequest, timeout: Duration) async -> Message? {
        let envelope = self.stamp.stamp(.controlRequest(request))
        // A send that the transport cannot take counts as unanswered.
        _ = self.connection.trySend([SharedBytes(EnvelopeCodec.encode(envelope))])
        return await withTaskGroup(of: Message?.self) { group in
            group.addTask { await self.answer(to: envelope.number) }
            group.addTask {
                // Cancelled as soon as the answer is there.
                try? await Task.sleep(for: timeout)
                await self.give(nil, to: envelope.number)
                return nil
            }
            let answer = await group.next() ?? nil
            group.cancelAll()
            return answer
        }
    }

    private func answer(to number: UInt64) async -> Message? {
        await withCheckedContinuation { self.waiting[number] = $0 }
    }

    private func give(_ message: Message?, to number: UInt64) {
        self.waiting.removeValue(forKey: number)?.resume(returning: message)
    }

    private func pump() async {
        for await message in self.connection.inbound {
            guard let first = message.parts.first else { continue }
            // What cannot be read is no answer; the request runs into its deadline.
            guard let envelope = try? first.withUnsafeBytes({ try EnvelopeCodec.decode($0) }) else { continue }
            self.give(envelope.message, to: envelope.inReplyTo)
        }
        for number in Array(self.waiting.keys) { self.give(nil, to: number) }
    }
}
