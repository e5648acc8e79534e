import ArgumentParser
import EADCore
import EADRuntime
import EADTransformer
import EADVersion
import EADWorker

@main struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ead-worker",
        abstract: "Samples rollouts with Exploratory Annealed Decoding under leases, and verifies them.",
        discussion: "Any number may join or leave at any time. SIGTERM finishes what is under way first.",
        version: ProductVersion.description)

    @OptionGroup var options: RoleOptions

    func run() async {
        await RoleRunner.run(.worker, options: self.options) {
            try WorkerWiring.shell($0, engines: TransformerEngines())
        }
    }
}
