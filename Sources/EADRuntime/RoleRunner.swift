import EADConfiguration
package import EADCore
import EADTransport
import Foundation
import Glibc
import Logging
package import ServiceLifecycle

/// What every role does around its service: configuration, logging, the run directory, signals, the exit status.
package enum RoleRunner {
    /// Runs a role until it ends, and exits the process: 0 for success, otherwise a status of `RoleFailure.Code`.
    package static func run(
        _ role: Role, options: RoleOptions, service: @escaping @Sendable (RoleContext) throws -> any Service
    ) async -> Never {
        let watch = await DepartureWatch()
        // Before anything is opened: every peer of a listener takes a descriptor.
        DescriptorLimit.raise()
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await watch.run() }
                let (context, made) = try await Preparation().perform {
                    let context = try RoleContext(role, options: options)
                    return (context, try service(context))
                }
                let life = Self.group(context, made, exitWithParent: options.exitWithParent)
                await watch.start(life)
                try await life.run()
                context.logger.info("done")
                group.cancelAll()
            }
            exit(0)
        } catch {
            Self.fail(error)
        }
    }

    /// Explains an error on standard error, for programs where the command line has `--json`, and exits with its status.
    /// - Parameter status: In the place of the error's own.
    package static func fail(_ error: any Error, status: Int32? = nil) -> Never {
        let failure = RoleFailure(error)
        let text = Self.speaksJSON ? FailureReport(error).text : "error: \(failure.message)"
        FileHandle.standardError.write(Data("\(text)\n".utf8))
        exit(status ?? failure.code.rawValue)
    }

    /// Explains a command line that means nothing, for programs.
    package static func refuse(_ message: String) -> Never {
        let report = FailureReport(message, kind: "\(RoleFailure.Code.usage)", status: RoleFailure.Code.usage.rawValue)
        FileHandle.standardError.write(Data("\(report.text)\n".utf8))
        exit(RoleFailure.Code.usage.rawValue)
    }

    /// Whether whoever started the command wants to read its failures by a program.
    package static var speaksJSON: Bool { CommandLine.arguments.dropFirst().prefix { $0 != "--" }.contains("--json") }

    private static func group(
        _ context: RoleContext, _ service: any Service, exitWithParent: Bool
    ) -> ServiceGroup {
        // Shutdown runs backwards: the role drains while the transport still carries its last words.
        var configuration = ServiceGroupConfiguration(
            services: [
                .init(service: TransportService(transport: context.transport)),
                .init(service: service, successTerminationBehavior: .gracefullyShutdownGroup),
            ],
            logger: context.logger)
        if exitWithParent {
            configuration.services.append(
                .init(service: ParentWatch(), successTerminationBehavior: .gracefullyShutdownGroup))
        }
        configuration.maximumGracefulShutdownDuration = Fixed.shutdown.value
        configuration.maximumCancellationDuration = Fixed.cancellation.value
        return ServiceGroup(configuration: configuration)
    }
}

/// Ends when the process that started this one is gone, so that no role outlives a killed `ead-ctl up`.
struct ParentWatch: Service {
    private let parent = getppid()

    func run() async throws {
        // A shutdown that began elsewhere ends the watch early; that is no failure.
        try? await cancelWhenGracefulShutdown {
            while getppid() == self.parent { try await Task.sleep(for: Fixed.parentWatch.value) }
        }
    }
}

/// Runs the transport until the group shuts down.
struct TransportService: Service {
    let transport: Transport

    func run() async throws {
        // A cancelled transport flushes what it was given before it ends.
        try await cancelWhenGracefulShutdown { try await self.transport.run() }
    }
}
