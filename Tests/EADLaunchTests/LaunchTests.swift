import EADConfiguration
import EADCore
import Foundation
import Testing

@testable import EADLaunch

/// What a cluster file becomes. The texts in Fixtures were read, and run in the tools that they are for
/// (scripts/check-launch.sh); a test that finds another text writes it beside the build, for whoever wants to keep it.
struct LaunchTests {
    private static let fixtures = Bundle.module.bundleURL.appending(path: "Fixtures")

    private static func text(_ name: String) throws -> String {
        try String(contentsOf: Self.fixtures.appending(path: name), encoding: .utf8)
    }

    private func plan(
        _ edit: (String) -> String = { $0 }, path: String = "/etc/ead/cluster.yaml",
        settings: [String] = ["run.steps=2", "sampling.stop=[\"it's $HOME %i\"]"]
    ) throws -> LaunchPlan {
        let text = ClusterText(
            name: path, text: edit(try Self.text("cluster.yaml")),
            base: URL(filePath: path).deletingLastPathComponent())
        let places = Places(base: URL(filePath: "/"))
        return LaunchPlan(
            try SourcedConfiguration([text], settings: settings, places: places), files: [text], settings: settings)
    }

    private func expect(_ made: String, is fixture: String) throws {
        let kept = (try? Self.text(fixture)) ?? ""
        guard made != kept else { return }
        let place = FileManager.default.temporaryDirectory.appending(path: fixture)
        try made.write(to: place, atomically: true, encoding: .utf8)
        Issue.record("not the text of \(fixture); it is in \(place.path)")
    }

    @Test func sshGetsAScriptThatStartsEveryNodeOnItsHost() throws {
        try self.expect(SSHScript(self.plan(), directory: nil, binaries: nil).text, is: "ssh.sh")
    }

    @Test func slurmGetsAJobWithAStepForEachNode() throws {
        try self.expect(SlurmScript(self.plan(), hosts: 2, binaries: "/opt/my ead/bin").text, is: "slurm.sh")
    }

    @Test func systemdGetsUnitsInASandbox() throws {
        let units = try SystemdUnits(self.plan(), binaries: "/usr/bin").units
        #expect(units.map(\.name) == ["ead-controller.service", "ead-learner.service", "ead-worker@.service"])
        try self.expect(units[0].text, is: "ead-controller.service")
        try self.expect(units[2].text, is: "ead-worker@.service")
    }

    @Test func kubernetesGetsAStatefulSetForEachNode() throws {
        try self.expect(KubernetesManifests(self.plan(), image: "ead:1", storage: "20Gi").text, is: "k8s.yaml")
    }

    @Test func aWorkerWithoutAHostIsNamedBeforeAnythingIsStarted() throws {
        let plan = try self.plan { $0.replacing(", host: ada@node2", with: "") }
        let failure = #expect(throws: RoleFailure.self) { try SSHScript(plan, directory: nil, binaries: nil) }
        #expect(failure?.code == .configuration && failure?.message.hasPrefix("where do w-2 run?") == true)
        // Others find a place for it by themselves.
        _ = SlurmScript(plan, hosts: 1, binaries: nil)
        _ = try KubernetesManifests(plan, image: "x", storage: "1Gi")
    }

    @Test func whatASandboxCannotReadIsNamed() throws {
        let plans = [
            try self.plan(path: "/home/ada/cluster.yaml"), try self.plan(settings: ["model.path=/root/m.gguf"]),
        ]
        for (plan, name) in zip(plans, ["/home/ada/cluster.yaml", "model.path, /root/m.gguf"]) {
            let failure = #expect(throws: RoleFailure.self) { try SystemdUnits(plan, binaries: "/usr/bin") }
            #expect(failure?.message.contains(name) == true)
        }
    }

    @Test func aClusterWithoutKeysStaysOnLoopback() throws {
        let plaintext = try self.plan {
            $0.components(separatedBy: "security:")[0].replacing("10.0.0.1", with: "127.0.0.1")
                .replacing("0.0.0.0", with: "127.0.0.1")
        }
        #expect(throws: RoleFailure.self) { try KubernetesManifests(plaintext, image: "x", storage: "1Gi") }
        #expect(!SlurmScript(plaintext, hosts: 1, binaries: nil).text.contains("nodes.controller.endpoint"))
        #expect(!(try SystemdUnits(plaintext, binaries: "/usr/bin").units[0].text.contains("LoadCredential")))
    }

    @Test func namesThatOnlyKubernetesTakesForOneAreRefused() throws {
        let plan = try self.plan { $0.replacing("w_1", with: "W-2") }
        #expect(throws: RoleFailure.self) { try KubernetesManifests(plan, image: "x", storage: "1Gi") }
    }

    @Test(arguments: ["a", "", "it's", "a b", "$(x)", "`x`", "a\nb", "\"", "\\", "*", "é", "-x", "~"])
    func aWordOfAShellIsWhatItWas(text: String) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        let output = Pipe()
        process.standardOutput = output
        process.arguments = ["-c", "for word in \(ShellText.word(text)); do printf '%s|' \"$word\"; done"]
        try process.run()
        let read = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(read == text + "|")
    }

    @Test func aFileThatHasTheEndOfItsOwnDocumentIsCopiedWhole() {
        let text = ShellText.hereDocument("cat", "a\nEND\nEND_\n", end: "END")
        #expect(text == "cat <<'END__'\na\nEND\nEND_\nEND__\n")
    }
}
