import EADConfiguration
import EADCore

/// A batch script for Slurm: all nodes of a cluster as steps of one job.
///
/// Controller and learner run on the job's first host, where an encrypted cluster listens; workers go around the others, and
/// from one that is lost to the next. A job that is requeued resumes its run.
package struct SlurmScript {
    package let text: String

    /// - Parameters:
    ///   - hosts: Of the job.
    ///   - binaries: The directory of the commands on every host; nil where they are on its PATH.
    package init(_ plan: LaunchPlan, hosts: Int, binaries: String?) {
        let threads = plan.nodes.map(\.threads)
        let controller = plan.configuration.controller
        let learner = plan.configuration.learner
        let moved = [("controller", controller.endpoint.port), ("learner", learner.endpoint.port)].flatMap {
            name, port in
            [
                "--set \"nodes.\(name).endpoint=tcp://$head:\(port)\"",
                "--set nodes.\(name).bind=tcp://0.0.0.0:\(port)",
            ]
        }
        // Plaintext is for loopback, and stays there.
        let addresses = plan.configuration.security.mode == .curve ? moved : []
        let options = [ShellText.words(plan.options(plan.files.map(\.name)))] + addresses
        let steps = plan.nodes.dropFirst().enumerated().map { index, node in
            // The learner stays where the others look for it.
            let first = node.role == .learner ? "0 fixed" : "\(index) moving"
            return "node \(node.name) \(first) \(node.threads) \(Self.command(node, binaries)) &"
        }
        let lasting = LaunchPlan.lasting.map { "\($0.rawValue)" }.joined(separator: " | ")
        self.text = """
            #!/bin/bash
            # The run \(plan.name) as one job. Made by ead-ctl launch slurm.
            #SBATCH --job-name=ead-\(plan.name)
            #SBATCH --nodes=\(hosts)
            #SBATCH --ntasks-per-node=1
            #SBATCH --cpus-per-task=\(max(threads.max() ?? 1, (threads.reduce(0, +) + hosts - 1) / hosts))
            #SBATCH --requeue
            #SBATCH --no-kill
            #SBATCH --open-mode=append
            #SBATCH --output=ead-\(plan.name)-%j.out
            #SBATCH --signal=B:TERM@120
            set -u
            mapfile -t hosts < <(scontrol show hostnames "$SLURM_JOB_NODELIST")
            head=${hosts[0]}
            options=(\(options.joined(separator: " ")))

            # A step that fails is started again, a worker on the next host; not one that finished or is refused.
            node() {
                local name=$1 place=$2 moves=$3 threads=$4 command=$5 status step=
                trap '[ -z "$step" ] || kill -TERM "$step"; leaving=1' TERM
                leaving=
                while :; do
                    srun --overlap --nodes=1 --ntasks=1 --nodelist="${hosts[place % ${#hosts[@]}]}" \\
                        --cpus-per-task="$threads" --job-name="$name" "$command" "${options[@]}" --node "$name" &
                    step=$!
                    wait "$step"
                    status=$?
                    # A signal ends the first wait, and the step somewhat later.
                    while kill -0 "$step" 2>/dev/null; do
                        wait "$step"
                        status=$?
                    done
                    case $status in
                    0 | \(lasting)) return "$status" ;;
                    esac
                    [ -z "$leaving" ] || return "$status"
                    echo "$name ended with $status on ${hosts[place % ${#hosts[@]}]}; starting it again"
                    [ "$moves" = fixed ] || place=$((place + 1))
                    sleep 2
                done
            }

            trap 'kill -TERM $(jobs -p)' TERM
            \(steps.joined(separator: "\n"))
            node \(plan.nodes[0].name) 0 fixed \(plan.nodes[0].threads) \(Self.command(plan.nodes[0], binaries)) &
            controller=$!
            wait "$controller"
            status=$?
            while kill -0 "$controller" 2>/dev/null; do
                wait "$controller"
                status=$?
            done
            # The controller of a run that is over has told the others.
            # shellcheck disable=SC2046
            [ "$status" -eq 0 ] || kill -TERM $(jobs -p) 2>/dev/null
            wait
            exit "$status"

            """
    }

    private static func command(_ node: LaunchPlan.Node, _ binaries: String?) -> String {
        ShellText.word(binaries.map { "\($0)/\(node.command)" } ?? node.command)
    }
}
