/// Values in one of the encodings of GGUF, beside what a reader gets back from them.
struct EncodedRow {
    /// The type code of GGUF.
    let type: UInt32
    var bytes: [UInt8] = []
    private(set) var values: [Float] = []

    init(_ values: [Float], _ encoding: TinyModel.Encoding) {
        switch encoding {
        case .f32:
            self.type = 0
            for value in values { self.append(value.bitPattern, value) }
        case .f16:
            self.type = 1
            for value in values { self.append(Float16(value).bitPattern, Float(Float16(value))) }
        case .bf16:
            self.type = 30
            for value in values { self.append(UInt16(value.bitPattern >> 16), Self.truncated(value)) }
        case .q8_0:
            self.type = 8
            for block in Self.blocks(values) { self.appendQ8(block) }
        case .q4_1:
            self.type = 3
            for block in Self.blocks(values) { self.appendQ4(block) }
        }
    }

    private static func truncated(_ value: Float) -> Float { Float(bitPattern: value.bitPattern & 0xFFFF_0000) }

    private static func blocks(_ values: [Float]) -> [ArraySlice<Float>] {
        precondition(values.count % 32 == 0, "block encodings hold multiples of 32 values")
        return stride(from: 0, to: values.count, by: 32).map { values[$0..<$0 + 32] }
    }

    private mutating func append(_ pattern: some FixedWidthInteger, _ value: Float) {
        withUnsafeBytes(of: pattern.littleEndian) { self.bytes += $0 }
        self.values.append(value)
    }

    private mutating func append(half value: Float16) {
        withUnsafeBytes(of: value.bitPattern.littleEndian) { self.bytes += $0 }
    }

    private mutating func appendQ8(_ block: ArraySlice<Float>) {
        let scale = Float16((block.map(abs).max() ?? 0) / 127)
        self.append(half: scale)
        for value in block {
            let level = scale == 0 ? 0 : Int8((value / Float(scale)).rounded().clamped(to: -127...127))
            self.append(level, Float(scale) * Float(level))
        }
    }

    private mutating func appendQ4(_ block: ArraySlice<Float>) {
        let (low, high) = (block.min() ?? 0, block.max() ?? 0)
        let (scale, minimum) = (Float16((high - low) / 15), Float16(low))
        self.append(half: scale)
        self.append(half: minimum)
        let levels = block.map { value in
            scale == 0 ? 0 : ((value - Float(minimum)) / Float(scale)).rounded().clamped(to: 0...15)
        }
        for index in 0..<16 { self.bytes.append(UInt8(levels[index]) | UInt8(levels[index + 16]) << 4) }
        for level in levels {
            let product = Float(scale) * level
            self.values.append(product + Float(minimum))
        }
    }
}

extension Float {
    fileprivate func clamped(to range: ClosedRange<Float>) -> Float {
        Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
    }
}
