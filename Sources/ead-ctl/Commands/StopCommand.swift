import ArgumentParser
import EADMessages

/// `ead-ctl stop`
struct StopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Ends the run after what is under way; started again, the roles resume it.")

    @OptionGroup var cluster: ClusterOption

    func run() async { await self.cluster.steer(.stop) }
}
