import ArgumentParser
import EADRuntime
import EADVersion

@main struct ControlCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ead-ctl",
        abstract: "Looks at and steers a run of Exploratory Annealed Decoding, and uses its parts alone.",
        version: ProductVersion.description,
        subcommands: [
            DoctorCommand.self, UpCommand.self, WatchCommand.self, StatusCommand.self, PauseCommand.self,
            ResumeCommand.self, StopCommand.self, RunsCommand.self, ShowCommand.self, DiffCommand.self,
            LogsCommand.self, TaskCommand.self, SchemaCommand.self, LaunchCommand.self,
            ValidateCommand.self, KeygenCommand.self, AlgorithmsCommand.self, ScheduleCommand.self,
            GenerateCommand.self, ChatCommand.self, EvalCommand.self, ReportCommand.self, ReplayCommand.self,
            CheckCommand.self, ExportCommand.self, ExportMetricsCommand.self, FinetuneCommand.self,
        ])

    static func main() async {
        do {
            var command = try self.parseAsRoot()
            if var slow = command as? any AsyncParsableCommand { try await slow.run() } else { try command.run() }
        } catch {
            let isFailure = !(error is ExitCode) && !self.exitCode(for: error).isSuccess
            if isFailure, RoleRunner.speaksJSON { RoleRunner.refuse(self.message(for: error)) }
            self.exit(withError: error)
        }
    }
}
