package import EADConfiguration
import EADCore

/// A cluster that is to be started: its nodes, and what tells each which it is.
package struct LaunchPlan: Sendable {
    /// A process that is to be started.
    struct Node: Hashable, Sendable {
        let name: NodeID
        let role: Role
        /// Threads that compute.
        let threads: Int
        /// Where it runs, as the cluster file has it; nil where that does not say.
        let host: String?

        var command: String { "ead-\(self.role.rawValue)" }
    }

    /// Statuses after which starting a node again would give the same: a wrong command line, wrong data, another process in
    /// its place, a refused configuration.
    static let lasting: [RoleFailure.Code] = [.usage, .data, .fenced, .configuration]

    let source: SourcedConfiguration
    /// The cluster files, in their order; by their absolute paths.
    let files: [ClusterText]
    /// `--set` of every node.
    let settings: [String]

    /// - Parameters:
    ///   - source: What the files and settings come to.
    package init(_ source: SourcedConfiguration, files: [ClusterText], settings: [String]) {
        self.source = source
        self.files = files
        self.settings = settings
    }

    var configuration: ClusterConfiguration { self.source.configuration }

    /// What the run is called.
    var name: String { self.configuration.run.name }

    /// Controller and learner first.
    var nodes: [Node] {
        let (controller, learner) = (self.configuration.controller, self.configuration.learner)
        return [
            Node(name: controller.name, role: .controller, threads: 1, host: controller.endpoint.bareHost),
            Node(name: learner.name, role: .learner, threads: learner.threads, host: learner.endpoint.bareHost),
        ] + self.configuration.workers.map { Node(name: $0.name, role: .worker, threads: $0.threads, host: $0.host) }
    }

    /// The options of every node.
    /// - Parameter paths: Where the files are for it.
    func options(_ paths: [String]) -> [String] { ClusterFiles(paths, settings: self.settings).arguments }
}
