/// Which policy drew which tokens of a response, where it was not its group's version alone.
///
/// A group's version is the one its prompt was computed with, and the oldest that had a part in it. A response that went
/// on with newer ones says so, run after run.
package struct VersionRuns: Hashable, Sendable {
    /// Tokens in a row that one version drew.
    package struct Run: Hashable, Sendable {
        package var version: PolicyVersion
        package var tokens: Int

        package init(_ version: PolicyVersion, tokens: Int) {
            self.version = version
            self.tokens = tokens
        }
    }

    /// In order of the tokens; none where the group's version drew them all.
    package var runs: [Run]

    package init(_ runs: [Run] = []) { self.runs = runs }

    package var isEmpty: Bool { self.runs.isEmpty }

    /// The version that drew a token; the last one's, of a token behind the last run.
    package func version(at token: Int, group: PolicyVersion) -> PolicyVersion {
        var end = 0
        for run in self.runs {
            end += run.tokens
            if token < end { return run.version }
        }
        return self.runs.last?.version ?? group
    }

    /// Takes the version that drew the next token.
    /// - Parameters:
    ///   - count: Tokens before it.
    ///   - group: The group's version.
    package mutating func append(_ version: PolicyVersion, after count: Int, group: PolicyVersion) {
        if self.runs.last?.version == version {
            self.runs[self.runs.count - 1].tokens += 1
        } else if !self.runs.isEmpty || version != group {
            if self.runs.isEmpty, count > 0 { self.runs.append(Run(group, tokens: count)) }
            self.runs.append(Run(version, tokens: 1))
        }
    }

    /// What is wrong with the runs of a response; nil of runs that can be.
    package func fault(tokens: Int, group: PolicyVersion) -> Fault? {
        guard let last = self.runs.last else { return nil }
        if let place = self.runs.firstIndex(where: { $0.tokens < 1 }) { return .isEmpty(run: place) }
        var versions = group
        for (place, run) in self.runs.enumerated() {
            guard place == 0 ? versions <= run.version : versions < run.version else { return .disorder(run: place) }
            versions = run.version
        }
        guard last.version > group else { return .needless }
        // Numbers of tokens come from outside, and their sum may be too large for any number.
        let sum = self.runs.reduce((total: 0, overflows: false)) {
            let (total, overflows) = $0.total.addingReportingOverflow($1.tokens)
            return (total, $0.overflows || overflows)
        }
        return sum.overflows || sum.total != tokens ? .length(tokens: tokens) : nil
    }

    /// Why runs cannot be those of a response.
    package enum Fault: Error, Hashable, Sendable, CustomStringConvertible {
        /// A run has no token.
        case isEmpty(run: Int)
        /// A run's version is not newer than the one before, or older than the group's.
        case disorder(run: Int)
        /// They say what their absence says.
        case needless
        /// They do not cover the response.
        case length(tokens: Int)

        package var description: String {
            switch self {
            case .isEmpty(let run): "runs[\(run)], which has no token"
            case .disorder(let run): "runs[\(run)], whose version does not follow the one before"
            case .needless: "runs of its group's version alone"
            case .length(let tokens): "runs that do not cover its \(tokens) tokens"
            }
        }
    }
}

extension RolloutGroup {
    /// The newest version that drew a token of it.
    package var newestVersion: PolicyVersion {
        self.rollouts.compactMap { $0.runs.runs.last?.version }.reduce(self.policyVersion, max)
    }

    /// Whether a response went on with a newer version than its prompt's.
    package var isMixed: Bool { self.rollouts.contains { !$0.runs.isEmpty } }

    /// The versions that drew a response, run after run.
    package func runs(of rollout: Int) -> [VersionRuns.Run] {
        let runs = self.rollouts[rollout].runs.runs
        return runs.isEmpty
            ? [VersionRuns.Run(self.policyVersion, tokens: self.rollouts[rollout].trace.count)] : runs
    }

    /// The version that drew a token of a response.
    package func version(at token: Int, of rollout: Int) -> PolicyVersion {
        self.rollouts[rollout].runs.version(at: token, group: self.policyVersion)
    }

    /// Whether equal leases cannot have given both groups: what the same versions drew differs.
    ///
    /// A response is a function of its lease and of the versions that drew it, token after token, as far as those agree.
    package func contradicts(_ other: RolloutGroup) -> Bool {
        guard self.policyVersion == other.policyVersion else { return false }
        return self.rollouts.indices.contains { index in
            guard other.rollouts.indices.contains(index) else { return true }
            let (own, others) = (self.rollouts[index], other.rollouts[index])
            let common = min(own.trace.count, others.trace.count)
            let agreed = (0..<common).prefix { self.version(at: $0, of: index) == other.version(at: $0, of: index) }
                .count
            if agreed < common { return own.trace[0..<agreed] != others.trace[0..<agreed] }
            // Where a response ends follows from its tokens.
            return own != others
        }
    }
}
