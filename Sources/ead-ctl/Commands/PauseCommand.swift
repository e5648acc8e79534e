import ArgumentParser
import EADMessages

/// `ead-ctl pause`
struct PauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Offers no new leases; work under way finishes.")

    @OptionGroup var cluster: ClusterOption

    func run() async { await self.cluster.steer(.pause) }
}
