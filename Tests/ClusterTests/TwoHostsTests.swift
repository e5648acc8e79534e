import EADTestKit
import Foundation
import Testing

extension ClusterTests {
    /// The section "Several hosts" of the README, done as it says, on two hosts that have nothing in common but a cable.
    @Suite(.enabled(if: TwoHosts.isPermitted, "network namespaces need root")) struct TwoHostsTests {
        @Test func severalHostsWorkAsTheReadmeSays() async throws {
            let readme = try String(contentsOf: TwoHosts.repository.appending(path: "README.md"), encoding: .utf8)
            for line in TwoHosts.readme { #expect(readme.contains(line), "the README does not say: \(line)") }
            try await ProcessCluster.with { cluster in
                let script = try cluster.write(TwoHosts.script, to: "two-hosts.sh")
                let process = Process()
                process.executableURL = URL(filePath: "/bin/bash")
                process.arguments = [
                    script.path, ProcessCluster.binaries.path,
                    TwoHosts.repository.appending(path: "cluster/two-hosts.yaml").path, cluster.directory.path,
                ]
                let output = cluster.directory.appending(path: "two-hosts.out")
                try Data().write(to: output)
                process.standardOutput = try FileHandle(forWritingTo: output)
                process.standardError = process.standardOutput
                try process.run()
                try await cluster.wait(for: "the run on two hosts") { !process.isRunning }
                let text = try String(contentsOf: output, encoding: .utf8)
                #expect(process.terminationStatus == 0, "\(text)")
                #expect(text.contains("3/3") && text.contains("finished 3 steps"), "\(text)")
                #expect(text.contains("run directory "), "\(text)")
            }
        }
    }
}

enum TwoHosts {
    static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Whether this user may make network namespaces.
    static var isPermitted: Bool {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", "unshare -n ip link set lo up"]
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    /// What the script does, as the README has it.
    static let readme = [
        "ead-ctl keygen worker-1", "ead-ctl keygen control", "ead-ctl doctor --cluster my.yaml",
        "ead-controller --cluster my.yaml", "ead-learner --cluster my.yaml",
        "ead-worker --cluster my.yaml --node worker-1", "ead-ctl watch --cluster my.yaml",
    ]

    /// Two hosts with the addresses of the example, each with a directory of its own. Only the model, the number of steps and
    /// how long they take differ from the file that is in the repository.
    static let script = #"""
        set -eu
        PATH=$1:$PATH example=$2 base=$3
        one=ead-$$-1 two=ead-$$-2
        end() {
            for host in $one $two; do
                ip netns pids $host | xargs -r kill -9
                ip netns del $host
            done
        }
        ip netns add $one; ip netns add $two
        trap end EXIT
        ip link add ead$$a netns $one type veth peer name ead$$b netns $two
        ip -n $one addr add 192.0.2.10/24 dev ead$$a; ip -n $two addr add 192.0.2.20/24 dev ead$$b
        for host in $one $two; do
            ip -n $host link set lo up
            mkdir "$base/$host"
        done
        ip -n $one link set ead$$a up; ip -n $two link set ead$$b up

        on() { host=$1; shift; (cd "$base/$host" && exec ip netns exec "$host" "$@"); }

        cp "$example" "$base/my.yaml"
        key() {
            line=$(on "$1" ead-ctl keygen "$2")
            # The line as it was printed, in the place of the example's.
            awk -v name="$2:" -v line="    $line" '$1 == name && keys { print line; next }
                /public_keys:/ { keys = 1 } { print }' "$base/my.yaml" >"$base/next.yaml"
            mv "$base/next.yaml" "$base/my.yaml"
        }
        for node in controller learner worker-1 control; do key $one $node; done
        for node in worker-2 worker-3; do key $two $node; done
        sed -i "s|steps: 200|steps: 3|; s|every: 50|every: 3|; s|held_out: 200|held_out: 20|
            s|prompts_per_step: 32|prompts_per_step: 4|; s|threads: [48]|threads: 1|; s|lanes: 128|lanes: 16|
            s|^task:|model: {path: $base/tiny.gguf}\ntask:|" "$base/my.yaml"
        for host in $one $two; do cp "$base/my.yaml" "$base/$host/my.yaml"; done

        on $one ead-ctl doctor --cluster my.yaml || test $? = 1
        on $one ead-controller --cluster my.yaml >"$base/controller.log" 2>&1 &
        on $one ead-learner --cluster my.yaml >"$base/learner.log" 2>&1 &
        on $one ead-worker --cluster my.yaml --node worker-1 >"$base/worker-1.log" 2>&1 &
        on $two ead-worker --cluster my.yaml --node worker-2 >"$base/worker-2.log" 2>&1 &
        on $two ead-worker --cluster my.yaml --node worker-3 >"$base/worker-3.log" 2>&1 &
        # A random model cannot add: the run ends with 1, as one that learnt nothing.
        on $one ead-ctl watch --cluster my.yaml || test $? = 1 || { tail -n 5 "$base"/*.log; exit 1; }
        test -d "$base/$one/runs/two-hosts/checkpoints"
        """#
}
