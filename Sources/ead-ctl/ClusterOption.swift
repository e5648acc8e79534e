import ArgumentParser
import EADConfiguration
import EADCore
import EADMessages
import EADRuntime

/// The cluster file, for subcommands that talk to its controller.
struct ClusterOption: ParsableArguments {
    @Option(name: .long, help: "The cluster file (YAML).")
    var cluster: String = "cluster/quickstart.yaml"

    func load() -> ClusterConfiguration {
        do { return try ClusterConfiguration.load(path: self.cluster) } catch { RoleRunner.fail(error) }
    }

    /// Sends a request that is answered with yes or no, and exits accordingly.
    func steer(_ verb: ControlRequest.Verb) async -> Never {
        do {
            let answer = try await ControlClient.with(self.load()) { try await $0.request(ControlRequest(verb: verb)) }
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
