import Foundation
import PackagePlugin

/// Writes the commit a build is made from into a source file, before each build.
///
/// The file is touched only when the commit changes, so that an unchanged tree is not built again. Without git, or
/// outside a checkout (a release tarball), the commit is empty.
@main struct CommitPlugin: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let directory = context.pluginWorkDirectoryURL
        let script = """
            cd '\(context.package.directoryURL.path)' || exit 1
            commit=$(git rev-parse --short=12 HEAD 2>/dev/null) || commit=
            [ -z "$commit" ] || git diff --quiet HEAD -- Package.swift Sources Protos 2>/dev/null || commit="$commit+"
            line="enum BuildCommit { static let hash = \\"$commit\\" }"
            file='\(directory.path)/BuildCommit.swift'
            [ "$(cat "$file" 2>/dev/null)" = "$line" ] || echo "$line" >"$file"
            """
        return [
            .prebuildCommand(
                displayName: "Which commit this is", executable: URL(filePath: "/bin/sh"), arguments: ["-c", script],
                outputFilesDirectory: directory)
        ]
    }
}
