import ArgumentParser
import EADCore
import EADLearner
import EADRuntime
import EADTransformer
import EADVersion

@main struct LearnerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ead-learner",
        abstract: "Collects rollouts, updates the policy, publishes its versions.",
        discussion: "Started again, it resumes from its newest checkpoint and the rollouts it had acknowledged since.",
        version: ProductVersion.description)

    @OptionGroup var options: RoleOptions

    func run() async {
        await RoleRunner.run(.learner, options: self.options) {
            try LearnerWiring.shell($0, engines: TransformerEngines())
        }
    }
}
