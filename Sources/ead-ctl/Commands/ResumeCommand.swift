import ArgumentParser
import EADMessages

/// `ead-ctl resume`
struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "resume", abstract: "Goes on after a pause.")

    @OptionGroup var cluster: ClusterOption

    func run() async { await self.cluster.steer(.resume) }
}
