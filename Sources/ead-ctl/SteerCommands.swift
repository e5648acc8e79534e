import ArgumentParser
import EADMessages

/// `ead-ctl pause`
struct PauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Offers no new leases; work under way finishes.")

    @OptionGroup var cluster: ClusterOption

    func run() async { await self.cluster.steer(.pause) }
}

/// `ead-ctl resume`
struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "resume", abstract: "Goes on after a pause.")

    @OptionGroup var cluster: ClusterOption

    func run() async { await self.cluster.steer(.resume) }
}

/// `ead-ctl stop`
struct StopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Ends the run after what is under way; started again, the roles resume it.")

    @OptionGroup var cluster: ClusterOption

    func run() async { await self.cluster.steer(.stop) }
}
