import CEADKernels
import Glibc
import Testing

/// The memory of a device: what is handed out, counted, carried across and refused.
struct DeviceTests {
    /// Addresses that no host memory has.
    static let bias: UInt64 = 1 << 46

    static func withDevice(
        counts: Bool = false, bias: UInt64 = 0, _ body: (_ device: OpaquePointer, _ compute: OpaquePointer) -> Void
    ) throws {
        let device = try #require(
            ead_device_open(ead_device_options(variant: EAD_PORTABLE, counts: counts ? 1 : 0, bias: bias)))
        defer { ead_device_close(device) }
        let compute = try #require(ead_compute_create(device, 2, 0))
        defer { ead_compute_destroy(compute) }
        body(device, compute)
    }

    static func download(_ compute: OpaquePointer, _ address: ead_address, count: Int) -> [UInt32] {
        var values = [UInt32](repeating: 99, count: count)
        ead_download(compute, address, &values, count * 4)
        return values
    }

    @Test(arguments: [0, bias])
    func memoryIsZeroedAndKeepsWhatIsUploaded(bias: UInt64) throws {
        try Self.withDevice(bias: bias) { device, compute in
            for count in [1, 1000, 3 << 20] {
                let memory = ead_allocate(device, count * 4)
                #expect(memory >= bias && memory % 64 == 0)
                #expect(Self.download(compute, memory, count: count).allSatisfy { $0 == 0 })
                let values = (0..<UInt32(count)).map { $0 }
                ead_upload(compute, values, memory, count * 4)
                #expect(Self.download(compute, memory, count: count) == values)
                ead_free(device, memory)
            }
        }
    }

    @Test(arguments: [false, true])
    func whatIsAllocatedIsCounted(counts: Bool) throws {
        try Self.withDevice(counts: counts) { device, compute in
            let first = ead_allocate(device, 1000)
            let second = ead_allocate(device, 5 << 20)
            #expect(first != 0 && second != 0 && first != second)
            #expect(ead_allocated(device) == 1000 + 5 << 20)
            let staged = ead_stage(compute, [UInt32](repeating: 0, count: 10), 40)
            #expect(ead_allocated(device) == 1000 + 5 << 20, "host memory is not the device's")
            ead_free(device, staged)
            ead_free(device, first)
            #expect(ead_allocated(device) == 5 << 20)
            ead_free(device, second)
            #expect(ead_allocated(device) == 0)
        }
    }

    @Test func aCountingDeviceHandsOutMoreThanThereIs() throws {
        try Self.withDevice(counts: true) { device, compute in
            let memory = ead_allocate(device, 1 << 50)
            #expect(memory != 0 && ead_allocated(device) == 1 << 50)
            ead_upload(compute, [UInt32(7)], memory, 4)
            #expect(Self.download(compute, memory, count: 1) == [99], "transfers do nothing")
        }
    }

    @Test(arguments: [0, bias])
    func stagedMemoryIsReadInItsPlace(bias: UInt64) throws {
        let values = (0..<100_000).map { UInt32($0) &* 2_654_435_761 }
        try Self.withDevice(bias: bias) { device, compute in
            values.withUnsafeBytes { bytes in
                let staged = ead_stage(compute, bytes.baseAddress, bytes.count)
                #expect(Self.download(compute, staged + 400, count: 7) == Array(values[100..<107]))
                ead_free(device, staged)
            }
        }
    }

    @Test(arguments: [0, bias])
    func floatsAreRoundedOnTheWayDown(bias: UInt64) throws {
        let values = (0..<70_000).map { Float($0) * 1.000_123 - 20_000 }
        try Self.withDevice(bias: bias) { device, compute in
            let memory = ead_allocate(device, values.count * 4)
            ead_upload(compute, values, memory, values.count * 4)
            var rounded = [UInt16](repeating: 0, count: values.count)
            ead_download_bf16(compute, memory, &rounded, values.count)
            var expected = rounded
            ead_to_bf16(compute, values, &expected, values.count)
            #expect(rounded == expected && Set(rounded).count > 1000)
        }
    }

    /// Where memory ends, so does a transfer.
    @Test func whatIsNotTheDevicesIsRefused() async {
        await #expect(processExitsWith: .signal(SIGABRT)) {
            try DeviceTests.withDevice(bias: DeviceTests.bias) { _, compute in
                let foreign = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 64)
                ead_upload(compute, [1], UInt64(UInt(bitPattern: foreign)), 8)
            }
        }
        await #expect(processExitsWith: .signal(SIGABRT)) {
            try DeviceTests.withDevice(bias: DeviceTests.bias) { device, compute in
                _ = DeviceTests.download(compute, ead_allocate(device, 4096), count: 1025)
            }
        }
        await #expect(processExitsWith: .signal(SIGABRT)) {
            try DeviceTests.withDevice(bias: DeviceTests.bias) { device, compute in
                let memory = ead_allocate(device, 4096)
                ead_free(device, memory)
                _ = DeviceTests.download(compute, memory, count: 1)
            }
        }
        await #expect(processExitsWith: .signal(SIGABRT)) {
            try DeviceTests.withDevice { device, _ in ead_free(device, ead_allocate(device, 4096) + 64) }
        }
    }

    @Test func theHostCannotFollowABiasedAddress() async {
        await #expect(processExitsWith: .signal(SIGSEGV)) {
            try DeviceTests.withDevice(bias: DeviceTests.bias) { device, _ in
                UnsafeMutablePointer<UInt32>(bitPattern: UInt(ead_allocate(device, 4096)))?.pointee = 1
            }
        }
    }
}
