// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target: Swift 6 mode, explicit existentials, imports internal unless written `public`.
let swift: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let nio = ["NIOCore", "NIOHTTP1", "NIOPosix"].map { Target.Dependency.product(name: $0, package: "swift-nio") }
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

/// What the shell of every role needs.
let role: [Target.Dependency] = [
    "EADCore", "EADFiles", "EADConfiguration", "EADMessages", "EADProtocol", "EADRuntime", "EADTelemetry",
    "EADTransport", lifecycle,
    logging,
]

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: swift)
}

func command(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies + ["EADVersion", argumentParser], swiftSettings: swift)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: swift)
}

let package = Package(
    name: "ead",
    products: [
        .executable(name: "ead-controller", targets: ["ead-controller"]),
        .executable(name: "ead-learner", targets: ["ead-learner"]),
        .executable(name: "ead-worker", targets: ["ead-worker"]),
        .executable(name: "ead-ctl", targets: ["ead-ctl"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // C
        .systemLibrary(name: "CZMQ", providers: [.apt(["libzmq3-dev"])]),
        .target(name: "CEADMessages", exclude: ["GENERATED"]),
        // -O3 in debug builds too: at -O0 the numerics tests would take hours.
        .target(
            name: "CEADKernels", exclude: ["kernels"], cSettings: [.unsafeFlags(["-O3", "-fno-math-errno"])]),
        .target(name: "CEADTensorFormats", cSettings: [.unsafeFlags(["-O3", "-fno-math-errno"])]),
        .target(
            name: "CEADPolicyDelta", cSettings: [.unsafeFlags(["-O3", "-fno-math-errno"])],
            linkerSettings: [.linkedLibrary("zstd")]),
        .target(name: "CEADPosix", cSettings: [.define("_GNU_SOURCE")]),
        // values and pure functions
        library("EADCore"),
        library("EADFiles", ["EADCore"]),
        library("EADTelemetry", ["EADCore", "EADFiles"]),
        library("EADSampling", ["EADCore"]),
        library("EADAlgorithms", ["EADCore"]),
        library("EADTemplates", ["EADCore"]),
        library("EADEnvironments", ["EADCore", "EADFiles", "EADModels", "EADSampling", "CEADPosix"]),
        library("EADEvaluation", ["EADCore", "EADSampling", "EADTelemetry"]),
        // mechanisms
        library("EADMessages", ["EADCore", "CEADMessages"]),
        library("EADTransport", ["EADCore", "EADFiles", "EADTelemetry", "CZMQ", "CEADPosix", deque, logging]),
        library("EADPolicyDelta", ["CEADPolicyDelta"]),
        library("EADDoctor", ["EADCore"]),
        library("EADReport", ["EADCore", "EADSampling", "EADAlgorithms", "EADTelemetry", "EADEvaluation"]),
        // models
        library("EADModels", ["EADCore", "EADFiles", "EADTemplates", "CEADTensorFormats"]),
        // decisions
        library("EADProtocol", ["EADCore", "EADMessages"]),
        // engine and compute
        library("EADEngine", ["EADCore", "EADFiles", "EADSampling", "EADEnvironments", "EADModels", crypto]),
        library("EADTransformer", ["EADCore", "EADSampling", "EADModels", "EADEngine", "CEADKernels"]),
        // composition
        library(
            "EADConfiguration",
            ["EADCore", "EADFiles", "EADSampling", "EADAlgorithms", "EADEnvironments", "EADProtocol", yams, crypto]),
        library(
            "EADRuntime",
            [
                "EADCore", "EADFiles", "EADConfiguration", "EADEnvironments", "EADMessages", "EADModels", "EADProtocol",
                "EADSampling", "EADTransport", "CEADPosix", argumentParser, crypto, lifecycle, logging, unixSignals,
            ]),
        // roles
        library("EADController", role + ["EADEnvironments", "EADEvaluation"]),
        library(
            "EADLearner",
            role + [
                "EADModels", "EADEngine", "EADEnvironments", "EADAlgorithms", "EADSampling", "EADPolicyDelta", crypto,
            ]),
        library(
            "EADWorker",
            role + ["EADModels", "EADEngine", "EADEnvironments", "EADPolicyDelta"]),
        library(
            "EADFineTuning",
            [
                "EADCore", "EADFiles", "EADTelemetry", "EADSampling", "EADAlgorithms", "EADModels", "EADEnvironments",
                "EADEngine", "EADConfiguration", "EADRuntime", crypto,
            ]),
        // what an operator sees and does
        library("EADHTTP", ["EADCore"] + nio),
        library(
            "EADObservation",
            [
                "EADConfiguration", "EADFiles", "EADCore", "EADMessages", "EADTelemetry", "EADReport", "EADRuntime",
                "EADSampling", "EADAlgorithms",
            ]),
        library(
            "EADDashboard",
            [
                "EADHTTP", "EADObservation", "EADReport", "EADRuntime", "EADTelemetry", "EADMessages", "EADFiles",
                "EADCore",
            ]),
        library(
            "EADOperations",
            [
                "EADObservation",
                "EADRuntime", "EADController", "EADLearner", "EADFineTuning", "EADProtocol", "EADModels", "EADEngine",
                "EADTransformer",
                "EADSampling",
                "EADAlgorithms", "EADEnvironments", "EADEvaluation", "EADTelemetry", "EADReport", "EADDoctor",
                "EADMessages",
                "EADTransport", "EADConfiguration", "EADFiles", "EADCore",
            ]),
        library("EADLaunch", ["EADConfiguration", "EADEnvironments", "EADCore"]),
        // commands
        .plugin(name: "CommitPlugin", capability: .buildTool(), path: "Sources/CommitPlugin"),
        .target(name: "EADVersion", swiftSettings: swift, plugins: ["CommitPlugin"]),
        command(
            "ead-controller",
            [
                "EADController", "EADDashboard", "EADHTTP", "EADMessages", "EADRuntime", "EADConfiguration", "EADFiles",
                "EADCore", lifecycle,
            ]),
        command("ead-learner", ["EADLearner", "EADTransformer", "EADRuntime", "EADCore"]),
        command("ead-worker", ["EADWorker", "EADTransformer", "EADRuntime", "EADCore"]),
        command(
            "ead-ctl",
            [
                "EADOperations", "EADLaunch", "EADLearner", "EADFineTuning", "EADObservation", "EADRuntime",
                "EADSampling", "EADEnvironments", "EADAlgorithms", "EADEngine",
                "EADEvaluation",
                "EADReport",
                "EADDoctor", "EADMessages", "EADTransport", "EADConfiguration", "EADFiles", "EADCore", unixSignals,
            ]),
        // times the engine and its kernels; see Benchmarks/README.md
        .executableTarget(
            name: "engine-bench",
            dependencies: [
                "EADModels", "EADEngine", "EADTransformer", "EADFiles", "EADCore", "EADSampling", "CEADKernels",
                argumentParser,
            ],
            path: "Benchmarks/engine-bench", swiftSettings: swift),
        // tests
        .target(
            name: "EADTestKit",
            dependencies: ["EADCore", "EADFiles", "EADSampling", "EADModels", "EADEngine"],
            swiftSettings: swift),
        tests("EADCoreTests", ["EADCore", "EADTestKit"]),
        tests("EADFilesTests", ["EADFiles"]),
        tests("EADSamplingTests", ["EADSampling", "EADTestKit"]),
        tests("EADAlgorithmsTests", ["EADAlgorithms", "EADTestKit"], resources: [.copy("Fixtures")]),
        tests("EADEnvironmentsTests", ["EADEnvironments", "EADRuntime", "EADTestKit"], resources: [.copy("Fixtures")]),
        tests("EADEvaluationTests", ["EADEvaluation", "EADTestKit"], resources: [.copy("Fixtures")]),
        tests("EADMessagesTests", ["EADMessages", "EADTestKit"], resources: [.copy("Fixtures")]),
        tests("EADPolicyDeltaTests", ["EADPolicyDelta", "EADCore"]),
        tests("EADTransportTests", ["EADTransport", "EADTestKit"]),
        tests("EADTelemetryTests", ["EADTelemetry", "EADTestKit"]),
        tests("EADDoctorTests", ["EADDoctor"]),
        tests("EADReportTests", ["EADReport", "EADTestKit"]),
        tests("EADTemplatesTests", ["EADTemplates", "EADCore", "EADTestKit"], resources: [.copy("Fixtures")]),
        tests("EADModelsTests", ["EADModels", "EADTestKit"], resources: [.copy("Fixtures")]),
        tests("EADEngineTests", ["EADEngine", "EADTestKit"]),
        tests("EADTransformerTests", ["EADTransformer", "EADTestKit"], resources: [.copy("Fixtures")]),
        tests("EADProtocolTests", ["EADProtocol", "EADMessages", "EADTestKit"]),
        tests("EADConfigurationTests", ["EADConfiguration", "EADTestKit"]),
        tests(
            "EADRuntimeTests",
            ["EADRuntime", "EADConfiguration", "EADFiles", "EADMessages", "EADTestKit", logging, unixSignals]),
        tests("EADControllerTests", ["EADController", "EADTestKit"]),
        tests("EADLearnerTests", ["EADLearner", "EADAlgorithms", "EADPolicyDelta", "EADTestKit", argumentParser]),
        tests("LearnerEngineTests", ["EADLearner", "EADTransformer", "EADAlgorithms", "EADTestKit", argumentParser]),
        tests(
            "EADFineTuningTests", ["EADFineTuning", "EADTransformer", "EADTestKit"], resources: [.copy("Fixtures")]),
        tests("EADOperationsTests", ["EADOperations", "EADObservation", "EADTestKit"]),
        tests("EADDashboardTests", ["EADDashboard", "EADHTTP", "EADObservation"]),
        tests("EADLaunchTests", ["EADLaunch", "EADConfiguration", "EADCore"], resources: [.copy("Fixtures")]),
        tests("EADWorkerTests", ["EADWorker", "EADEngine", "EADTestKit"]),
        library(
            "EADSimulation",
            [
                "EADController", "EADLearner", "EADWorker", "EADEngine", "EADProtocol", "EADMessages",
                "EADAlgorithms", "EADEvaluation", "EADConfiguration", "EADTelemetry", "EADCore", "EADTestKit",
            ]),
        // draws clusters for the simulation without end: `make soak`
        .executableTarget(
            name: "cluster-soak", dependencies: ["EADSimulation", argumentParser], path: "Benchmarks/cluster-soak",
            swiftSettings: swift),
        tests("SimulationTests", ["EADSimulation", "EADTelemetry", "cluster-soak"]),
        tests(
            "ClusterTests",
            [
                "EADTestKit", "EADRuntime", "EADLearner", "EADProtocol", "ead-controller", "ead-learner",
                "ead-worker", "ead-ctl",
            ]),
    ]
)

// Coverage-guided fuzzing, built by scripts/fuzz.sh alone: libFuzzer brings the main function.
if Context.environment["EAD_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "ead-fuzz",
            dependencies: [
                "EADCore", "EADFiles", "EADTemplates", "EADModels", "EADMessages", "EADPolicyDelta", "EADProtocol",
                "EADConfiguration", "EADLearner", crypto,
            ],
            path: "Tests/Fuzz", exclude: ["Corpus"], swiftSettings: swift))
}
