import EADTransport
import Foundation
import Testing

@Suite struct CurveKeyTests {
    private func withDirectory<R>(_ body: (URL) throws -> R) throws -> R {
        let directory = FileManager.default.temporaryDirectory.appending(path: "ead-keys-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(at: directory) } }
        return try body(directory)
    }

    private func error(of body: () throws -> Void) throws -> TransportError {
        try #require(throws: TransportError.self, performing: body)
    }

    @Test func aWrittenPairReadsBack() throws {
        try self.withDirectory { directory in
            let path = directory.appending(path: "node.key").path
            let pair = try CurveKeyPair.generate()
            try pair.write(to: path)
            let read = try CurveKeyPair(contentsOf: path)
            #expect(read.publicKey == pair.publicKey)
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            #expect(try self.error { try pair.write(to: path) }.code == .keyFile)
        }
    }

    @Test(arguments: [0o644, 0o640, 0o604, 0o660]) func aFileOthersCanReadIsRefused(mode: Int) throws {
        try self.withDirectory { directory in
            let path = directory.appending(path: "node.key").path
            try CurveKeyPair.generate().write(to: path)
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
            let error = try self.error { _ = try CurveKeyPair(contentsOf: path) }
            #expect(error.code == .keyFile)
            #expect(error.message.contains("chmod 600"))
        }
    }

    @Test func aDamagedFileIsRefused() throws {
        try self.withDirectory { directory in
            let path = directory.appending(path: "node.key").path
            #expect(try self.error { _ = try CurveKeyPair(contentsOf: path) }.message.contains("No such file"))
            #expect(try self.error { _ = try CurveKeyPair(contentsOf: directory.path) }.code == .keyFile)
            try CurveKeyPair.generate().write(to: path)
            let text = try String(contentsOfFile: path, encoding: .utf8)
            let other = try CurveKeyPair.generate().publicKey.z85
            var lines = text.split(separator: "\n").map(String.init)
            lines[1] = "public \(other)"
            for damaged in ["", "secret", String(text.dropLast(20)), lines.joined(separator: "\n")] {
                try FileManager.default.removeItem(atPath: path)
                let made = FileManager.default.createFile(
                    atPath: path, contents: Data(damaged.utf8), attributes: [.posixPermissions: 0o600])
                #expect(made)
                #expect(try self.error { _ = try CurveKeyPair(contentsOf: path) }.code == .keyFile)
            }
        }
    }

    @Test func theSecretIsNeverShown() throws {
        try self.withDirectory { directory in
            let path = directory.appending(path: "node.key").path
            let pair = try CurveKeyPair.generate()
            try pair.write(to: path)
            let secret = try #require(
                try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").last?.split(separator: " ")
                    .last)
            var dumped = ""
            dump(pair, to: &dumped)
            for shown in [
                "\(pair)", String(reflecting: pair), dumped,
                "\(TransportSecurity.curve(own: pair, allowedClients: []))",
            ] {
                #expect(!shown.contains(secret))
                #expect(shown.contains(pair.publicKey.z85))
            }
        }
    }

    @Test func aPublicKeyIsFortyCharacters() throws {
        let key = try CurveKeyPair.generate().publicKey
        #expect(CurvePublicKey(z85: key.z85) == key)
        #expect(CurvePublicKey(bytes: key.bytes) == key)
        for text in ["", String(key.z85.dropLast()), key.z85 + "0", String(repeating: "\"", count: 40)] {
            #expect(CurvePublicKey(z85: text) == nil)
        }
        // ZeroMQ RFC 32's own example.
        #expect(
            CurvePublicKey(z85: "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6")?.bytes.prefix(4) == [
                0x8E, 0x0B, 0xDD, 0x69,
            ])
    }
}
