package import EADConfiguration
import EADCore
package import EADDoctor
import EADEnvironments
import EADFiles
import EADRuntime
import EADTransport

/// The nodes of a cluster file that are to run on this host.
package struct LocalNodes {
    let configuration: ClusterConfiguration
    private let names: Set<NodeID>

    /// A plaintext cluster is on one host, this one. Of an encrypted one, a host has the secret keys of its own nodes.
    package init(_ configuration: ClusterConfiguration) {
        self.configuration = configuration
        let nodes = configuration.nodes.keys
        self.names =
            switch configuration.security.mode {
            case .plaintext: Set(nodes)
            case .curve:
                Set(
                    nodes.filter {
                        FileTree.exists(SecurityConfiguration.keyFile(of: $0, in: configuration.security.keys))
                    })
            }
    }

    private func isHere(_ node: NodeID) -> Bool { self.names.contains(node) }

    var learner: LearnerConfiguration? {
        self.isHere(self.configuration.learner.name) ? self.configuration.learner : nil
    }
    var workers: [WorkerConfiguration] { self.configuration.workers.filter { self.isHere($0.name) } }
    /// Whether any of them computes.
    var computes: Bool { self.learner != nil || !self.workers.isEmpty }

    /// Of the cluster file itself: nodes and keys, addresses, problems.
    package func checks() async -> [Check] {
        let verifier = self.workers.isEmpty ? nil : await VerifierQuestion(self.configuration.task).check()
        return [self.nodes, self.problems, verifier].compactMap { $0 } + self.ports
    }

    private var nodes: Check {
        let found = "\(self.names.count) of \(self.configuration.nodes.count) nodes run here"
        guard self.configuration.security.mode == .curve else { return Check("cluster", .ok, found) }
        guard !self.names.isEmpty else {
            return Check(
                "cluster", .fail, "no secret key of a node in \(self.configuration.security.keys)",
                advice: "make them with ead-ctl keygen NODE --directory, or set security.keys to where they are")
        }
        for node in self.names.sorted() {
            do { _ = try self.configuration.transportSecurity(of: node) } catch {
                return Check(
                    "cluster", .fail, RoleFailure(error).message,
                    advice: "use the key that belongs to the cluster file, readable by its owner only")
            }
        }
        return Check("cluster", .ok, found + ", by their secret keys")
    }

    /// The controller alone reads the problems.
    private var problems: Check? {
        guard self.isHere(self.configuration.controller.name) else { return nil }
        do {
            // Without the model file, of which there is a check of its own, the problems are read all the same.
            let limit = try? PromptLimit(self.configuration)
            let task = try TaskSource.load(self.configuration.task, baseDirectory: "", limit: limit)
            let dropped = task.dropped > 0 ? ", \(task.dropped) too long and left out" : ""
            let repeated = task.repeated > 0 ? ", \(task.repeated) repeated and left out" : ""
            return Check(
                "task", .ok,
                "\(self.configuration.task.kind.rawValue): \(task.training.count) problems, \(task.heldOut.count) held out"
                    + dropped + repeated)
        } catch {
            return Check("task", .fail, "\(error)", advice: "correct task.path; scripts/fetch-assets.sh fetches ASDiv")
        }
    }

    private var ports: [Check] {
        let controller = self.configuration.controller
        let learner = self.configuration.learner
        return [
            self.port(controller.name, endpoint: controller.endpoint, bind: controller.bind),
            self.port(learner.name, endpoint: learner.endpoint, bind: learner.bind),
        ]
    }

    private func port(_ node: NodeID, endpoint: Endpoint, bind: Endpoint) -> Check {
        let facts =
            self.isHere(node)
            ? PortFacts(node: node, endpoint: bind, outcome: PortProbe.listen(on: bind))
            : PortFacts(node: node, endpoint: endpoint, outcome: self.greet(node, endpoint))
        return facts.check
    }

    /// Asks another host's node as one of this host's would.
    private func greet(_ node: NodeID, _ endpoint: Endpoint) -> PortFacts.Outcome {
        let own = self.names.sorted().lazy.compactMap { try? self.configuration.transportSecurity(of: $0) }.first
        // Without a usable key of its own, which another check tells, a host has nothing to ask with.
        guard let own else { return .unreachable("this host has no key of a node to ask with") }
        return PortProbe.greet(endpoint, security: own, serverKey: self.configuration.curveKey(of: node))
    }
}
