import EADConfiguration
import EADCore
import EADEnvironments
import EADFiles
import EADMessages
package import EADProtocol
package import EADRuntime
import Logging

/// What the controller's state is wired to: the files of the run directory.
package final class ControllerWiring: RoleWiring {
    package typealias State = ControllerState

    package static let sockets = RoleSockets(listens: true)

    package let events: AsyncStream<Never>
    /// Files report nothing; the stream does not end before the process.
    private let report: AsyncStream<Never>.Continuation
    package let threads: [@Sendable () async throws -> Void] = []
    private let context: RoleContext
    private let log: ControllerLog

    private init(context: RoleContext, log: ControllerLog) {
        self.context = context
        self.log = log
        (self.events, self.report) = AsyncStream.makeStream(of: Never.self)
    }

    /// Loads the task and the durable state of the run, if there is one.
    /// - Throws: `RoleFailure` when the task cannot be loaded or the directory holds another run.
    package static func shell(_ context: RoleContext) throws -> RoleShell<ControllerWiring> {
        let task = try Self.task(context)
        // What is left out depends on more than the file.
        let whole =
            task.dropped > 0 ? try TaskSource.load(context.configuration.task, baseDirectory: "") : task
        let problems = SharedContent("problems", whole.forEachDefiningPart)
        let settings = ControllerSettings(context.configuration, task: task)
        let hash = context.configuration.lastingHash
        let snapshot =
            try RunSnapshot.load(context.directory.snapshot, configurationHash: hash, problems: problems) {
                context.anotherConfiguration(at: $0)
            }
            ?? RunSnapshot(
                run: .random(), configurationHash: hash.hexadecimal,
                contents: [problems.name: problems.hash.hexadecimal])
        if let refusal = snapshot.refusal(of: settings.plan) { throw refusal }
        // Opening it cuts a torn line off: only a start that nothing refuses may.
        let log = try ControllerLog(
            context.directory, withEvents: context.configuration.log.tensorBoard, logger: context.logger)
        let state = State(
            node: context.node, settings: settings, snapshot: snapshot, reports: log.reports,
            damagedLines: log.damagedLines, now: .now)
        return RoleShell(context: context, state: state, wiring: ControllerWiring(context: context, log: log))
    }

    /// The problems; every prompt is measured where the model file is.
    private static func task(_ context: RoleContext) throws -> TaskSource {
        let configuration = context.configuration
        var limit: PromptLimit?
        do { limit = try PromptLimit(configuration) } catch let failure as RoleFailure { throw failure } catch {
            guard configuration.task.overlongPrompts == .refuse else {
                throw RoleFailure(
                    .data, "task.overlong_prompts: drop needs the model file on the controller's host: \(error)")
            }
            context.logger.info("prompts are not measured here: \(error)")
        }
        let task = try TaskSource.load(configuration.task, baseDirectory: "", limit: limit)
        if task.repeated > 0 { context.logger.warning("\(task.repeated) lines repeat a problem and are left out") }
        if task.dropped > 0 { context.logger.warning("\(task.dropped) prompts are too long and left out") }
        return task
    }

    package var gauges: Gauges { Gauges() }

    package func perform(_ command: ControllerCommand) throws {
        switch command {
        case .persist(let snapshot): try snapshot.save(self.context.directory.snapshot)
        case .persistEvaluation(let report, let graded):
            try self.log.replaceEvaluation(report, graded, planned: self.context.configuration.evaluation.samples)
        case .record(let event): try self.log.append(event)
        }
    }
}
