import ArgumentParser
import EADConfiguration
import EADCore
import EADMessages
import EADRuntime

/// The cluster file, for subcommands that talk to its controller.
struct ClusterOption: ParsableArguments {
    private static let usual = "cluster/quickstart.yaml"

    @Option(name: .long, help: "The cluster file (YAML). (default: \(Self.usual))")
    var cluster: String?

    func load() -> ClusterConfiguration {
        do { return try ClusterConfiguration.load(path: self.cluster ?? Self.usual) } catch { RoleRunner.fail(error) }
    }

    /// Sends a request that is answered with yes or no, and exits accordingly.
    func steer(_ verb: ControlRequest.Verb) async -> Never {
        do {
            let configuration = self.load()
            let isNamed = self.cluster != nil
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
