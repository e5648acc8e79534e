import EADCore
import Testing

@Suite struct SharedBytesTests {
    @Test func aSliceSharesItsMemory() {
        let whole = SharedBytes([1, 2, 3, 4, 5])
        let part = whole.slice(1..<4)
        #expect(part.array == [2, 3, 4])
        #expect(part.slice(2..<3).array == [4])
        #expect(part.slice(0..<0).count == 0)
        let distance = whole.withUnsafeBytes { outer in
            part.withUnsafeBytes { inner in (inner.baseAddress ?? outer.baseAddress!) - outer.baseAddress! }
        }
        #expect(distance == 1)
    }

    @Test func equalBytesAreEqual() {
        #expect(SharedBytes([1, 2]) == SharedBytes([0, 1, 2]).slice(1..<3))
        #expect(SharedBytes([1, 2]) != SharedBytes([1, 2, 3]))
        #expect(Set([SharedBytes([7]), SharedBytes([7])]).count == 1)
        #expect(SharedBytes([]) == SharedBytes(count: 0) { _ in })
    }

    @Test func bytesThatWereNotFilledAreZero() {
        #expect(SharedBytes(count: 4) { $0[1] = 9 }.array == [0, 9, 0, 0])
    }

    @Test func bytesAreWrittenInThePlaceOfTheLastOnesOnlyOnceNobodyHasThose() {
        var memory = ReusableBytes()
        func write(_ byte: UInt8, count: Int = 8) -> SharedBytes {
            memory.write(count: count) { $1.initializeMemory(as: UInt8.self, repeating: byte) }
        }
        func address(_ bytes: SharedBytes) -> UInt { bytes.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) } }
        // Held by a slice alone: the whole is gone.
        let slice = write(1).slice(2..<4)
        let second = write(2)
        #expect(slice.array == [1, 1] && second.array == Array(repeating: 2, count: 8))
        let place = address(write(3))
        #expect(second.array == Array(repeating: 2, count: 8) && place != address(second))
        let again = write(4)
        #expect(address(again) == place && again.array == Array(repeating: 4, count: 8))
        #expect(write(5, count: 9).array == Array(repeating: 5, count: 9) && again.array.last == 4)
    }

    @Test func theBytesWrittenLastAreThereWhileTheNextAreWritten() {
        var memory = ReusableBytes()
        func write(_ byte: UInt8, count: Int = 4) -> (last: [UInt8]?, bytes: SharedBytes) {
            var last: [UInt8]?
            let bytes = memory.write(count: count) {
                last = $0.map { Array($0) }
                $1.initializeMemory(as: UInt8.self, repeating: byte)
            }
            return (last, bytes)
        }
        #expect(write(1).last == nil)
        let second = write(2)
        #expect(second.last == [1, 1, 1, 1])
        #expect(write(3).last == [2, 2, 2, 2], "somebody has them")
        #expect(second.bytes.array == [2, 2, 2, 2])
        #expect(write(4, count: 5).last == nil)
    }
}
