/// Moves labels apart that would be drawn over each other.
enum LabelPlacement {
    /// The wished places, moved as little as an order-keeping sweep can, so that any two are at least `gap` apart and
    /// all lie in `range`. Where there are too many for that, they are spread evenly.
    static func spread(_ wished: [Double], gap: Double, within range: ClosedRange<Double>) -> [Double] {
        guard wished.count > 1 else {
            return wished.map { min(max($0, range.lowerBound), range.upperBound) }
        }
        let order = wished.indices.sorted { (wished[$0], $0) < (wished[$1], $1) }
        let room = range.upperBound - range.lowerBound
        let gap = min(gap, room / Double(wished.count - 1))
        // Runs of labels that touch move together; each run is centred on the mean of what its labels wish.
        var runs: [(sum: Double, count: Int)] = []
        func start(_ run: (sum: Double, count: Int)) -> Double {
            let length = Double(run.count - 1) * gap
            return min(max(run.sum / Double(run.count) - length / 2, range.lowerBound), range.upperBound - length)
        }
        for index in order {
            runs.append((wished[index], 1))
            while runs.count > 1 {
                let (before, last) = (runs[runs.count - 2], runs[runs.count - 1])
                guard start(before) + Double(before.count) * gap > start(last) + 1e-9 else { break }
                runs.removeLast(2)
                runs.append((before.sum + last.sum, before.count + last.count))
            }
        }
        var places = wished
        var next = 0
        for run in runs {
            for offset in 0..<run.count {
                places[order[next]] = start(run) + Double(offset) * gap
                next += 1
            }
        }
        return places
    }
}
