import ArgumentParser
import EADConfiguration
import EADCore
import EADMessages
import EADRuntime

/// The cluster file, for subcommands that talk to its controller.
struct ClusterOption: ParsableArguments {
    private static let usual = "cluster/quickstart.yaml"

    static let setHelp = ArgumentHelp(
        "One setting, over all files: training.learning_rate=1e-6. May be given often.", valueName: "path=value")

    @Option(
        name: .long,
        help:
            "The cluster file (YAML); given again, a file to lay over those before it. (default: \(Self.usual))",
        completion: .file())
    var cluster: [String] = []

    @Option(name: .long, help: Self.setHelp)
    var set: [String] = []

    func load() -> ClusterConfiguration {
        let files = ClusterFiles(self.cluster.isEmpty ? [Self.usual] : self.cluster, settings: self.set)
        do { return try files.load().configuration } catch { RoleRunner.fail(error) }
    }

    /// Sends a request that is answered with yes or no, and exits accordingly.
    func steer(_ verb: ControlRequest.Verb) async -> Never {
        do {
            let configuration = self.load()
            let isNamed = !self.cluster.isEmpty
            let request = ControlRequest(verb: verb, runName: configuration.run.name)
            let answer = try await ControlClient.with(configuration) { client in
                // Whoever named no run means the one that runs here, and no other that happens to be in its place.
                guard try await client.knowsRun() || isNamed else {
                    throw RoleFailure(
                        .usage,
                        "no run is named, and \(configuration.run.directory) holds none; --cluster \(Self.usual) would "
                            + "\(verb) run “\(configuration.run.name)” at \(configuration.controller.endpoint)")
                }
                return try await client.request(request)
            }
            guard case .controlReply(let reply) = answer else {
                throw RoleFailure(.software, "the controller gave an answer of another kind: \(answer)")
            }
            guard reply.accepted else { throw RoleFailure(.unavailable, reply.message) }
            print(reply.message)
            throw ExitCode.success
        } catch let code as ExitCode {
            PauseCommand.exit(withError: code)
        } catch {
            RoleRunner.fail(error)
        }
    }
}
