import EADConfiguration
package import EADCore

/// Plain manifests for Kubernetes: a StatefulSet of one pod for each node, services for those that are connected to, the
/// cluster files as a ConfigMap; keys come from Secrets that somebody makes of what `ead-ctl keygen` wrote.
package struct KubernetesManifests {
    package let text: String

    /// - Parameters:
    ///   - image: Has the four commands on its PATH, and a shell.
    ///   - storage: Of the volume of controller and learner each.
    /// - Throws: `RoleFailure` when the cluster cannot run there.
    package init(_ plan: LaunchPlan, image: String, storage: String) throws(RoleFailure) {
        let configuration = plan.configuration
        guard configuration.security.mode == .curve else {
            throw RoleFailure(
                .configuration, "pods reach each other over a network: security.mode must be curve, with ead-ctl keygen"
            )
        }
        let prefix = "ead-" + Self.label(plan.name)
        let names = plan.nodes.map { "\(prefix)-\(Self.label($0.name.rawValue))" }
        if let long = names.first(where: { $0.count > 52 }) {
            throw RoleFailure(
                .configuration, "\(long) is too long a name for a pod: call run or node something shorter")
        }
        guard Set(names).count == names.count else {
            throw RoleFailure(.configuration, "two nodes have names that differ only in case, - and _")
        }
        let ports = [configuration.controller.endpoint.port, configuration.learner.endpoint.port]
        let addresses = zip(["controller", "learner"], zip(names, ports)).flatMap { role, place in
            [
                "--set", "nodes.\(role).endpoint=tcp://\(place.0):\(place.1)", "--set",
                "nodes.\(role).bind=tcp://0.0.0.0:\(place.1)",
            ]
        }
        let files = plan.files.indices.map { "/etc/ead/cluster-\($0 + 1).yaml" }
        let options =
            plan.options(files) + addresses + ["--set", "security.keys=/keys", "--set", "run.directory=/run/ead"]
        var documents = [Self.configMap(plan, prefix)]
        for (index, name) in names.prefix(2).enumerated() {
            documents.append(Self.service(name, prefix, port: Int(ports[index])))
        }
        for (node, name) in zip(plan.nodes, names) {
            documents.append(
                Self.statefulSet(
                    node, name: name, prefix: prefix, options: options, image: image, storage: storage))
        }
        let secrets = plan.nodes.map { node -> String in
            let control = node.role == .controller ? " --from-file=keys/control.key" : ""
            return "#   kubectl create secret generic \(prefix)-\(Self.label(node.name.rawValue))-key "
                + "--from-file=keys/\(node.name).key\(control)"
        }
        self.text = """
            # The run \(plan.name). Made by ead-ctl launch k8s; schema-checked, never run on a cluster by those who wrote it.
            #
            # First make a secret of each node's key:
            \(secrets.joined(separator: "\n"))
            \(documents.map { "---\n\($0)" }.joined())
            """
    }

    /// A name as Kubernetes wants it.
    private static func label(_ name: String) -> String {
        let text = name.lowercased().map { $0 == "_" ? "-" : $0 }
        return String(text.drop { $0 == "-" })
    }

    private static func configMap(_ plan: LaunchPlan, _ prefix: String) -> String {
        let files = plan.files.enumerated().map { index, file in
            "  cluster-\(index + 1).yaml: \(JSONValue.quoted(file.text))"
        }
        return """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: \(prefix)-cluster, labels: {app: \(prefix)}}
            data:
            \(files.joined(separator: "\n"))

            """
    }

    private static func service(_ name: String, _ prefix: String, port: Int) -> String {
        """
        apiVersion: v1
        kind: Service
        metadata: {name: \(name), labels: {app: \(prefix)}}
        spec:
          clusterIP: None
          # Who is not ready yet is looked for, too: the roles wait for each other by themselves.
          publishNotReadyAddresses: true
          selector: {app: \(prefix), node: \(name)}
          ports:
            - {name: ead, port: \(port), protocol: TCP}

        """
    }

    private static func statefulSet(
        _ node: LaunchPlan.Node, name: String, prefix: String, options: [String], image: String, storage: String
    ) -> String {
        func list(_ words: [String]) -> String { "[" + words.map(JSONValue.quoted).joined(separator: ", ") + "]" }
        let isController = node.role == .controller
        let keys = [node.name.rawValue] + (isController ? ["control"] : [])
        let copies = keys.map { "install -m 400 /secret/\($0).key /keys/" }.joined(separator: " && ")
        let status = (["ead-ctl", "status"] + options).map(ShellText.word).joined(separator: " ")
        // 0 is healthy and 1 degraded: only a controller that does not answer at all is to be started again.
        let probe = """

                      livenessProbe:
                        exec: {command: \(list(["sh", "-c", "\(status) >/dev/null; test $? -lt 2"]))}
                        initialDelaySeconds: 60
                        periodSeconds: 30
                        timeoutSeconds: 10
                        failureThreshold: 5
            """
        let isKept = node.role != .worker
        let volume = """

              volumeClaimTemplates:
                - metadata: {name: run}
                  spec:
                    accessModes: [ReadWriteOnce]
                    resources: {requests: {storage: \(JSONValue.quoted(storage))}}
            """
        return """
            apiVersion: apps/v1
            kind: StatefulSet
            metadata: {name: \(name), labels: {app: \(prefix)}}
            spec:
              serviceName: \(name)
              replicas: 1
              selector: {matchLabels: {app: \(prefix), node: \(name)}}
              template:
                metadata: {labels: {app: \(prefix), node: \(name)}}
                spec:
                  automountServiceAccountToken: false
                  terminationGracePeriodSeconds: 150
                  securityContext: {runAsNonRoot: true, runAsUser: 10001, runAsGroup: 10001, fsGroup: 10001, seccompProfile: {type: RuntimeDefault}}
                  initContainers:
                    # A key that others could read is refused, and a mounted secret is such a one.
                    - name: keys
                      image: \(JSONValue.quoted(image))
                      command: \(list(["sh", "-c", copies]))
                      securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
                      volumeMounts:
                        - {name: secret, mountPath: /secret, readOnly: true}
                        - {name: keys, mountPath: /keys}
                  containers:
                    - name: \(node.role.rawValue)
                      image: \(JSONValue.quoted(image))
                      command: \(list([node.command] + options + ["--node", node.name.rawValue]))
                      env:
                        - {name: XDG_CACHE_HOME, value: /cache}
                      resources: {requests: {cpu: "\(node.threads)"}}
                      securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}\(isController ? probe : "")
                      volumeMounts:
                        - {name: cluster, mountPath: /etc/ead, readOnly: true}
                        - {name: keys, mountPath: /keys, readOnly: true}
                        - {name: run, mountPath: /run/ead}
                        - {name: cache, mountPath: /cache}
                        - {name: temporary, mountPath: /tmp}
                  volumes:
                    - {name: cluster, configMap: {name: \(prefix)-cluster}}
                    - {name: secret, secret: {secretName: \(name)-key, defaultMode: 0440}}
                    - {name: keys, emptyDir: {medium: Memory}}
                    # The model: put a volume with it here, or have it in the image and name it in model.path.
                    - {name: cache, emptyDir: {}}
                    - {name: temporary, emptyDir: {}}\(isKept ? "" : "\n        - {name: run, emptyDir: {}}")\(isKept ? volume : "")

            """
    }
}
