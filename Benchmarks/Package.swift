// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "ead-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "ead", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    ],
    targets: [
        .executableTarget(
            name: "engine-bench",
            dependencies: [
                .product(name: "EADEngine", package: "ead"),
                .product(name: "CEADKernels", package: "ead"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: [.treatAllWarnings(as: .error)]),
    ]
)
