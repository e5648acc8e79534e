/// Places for the last positions of prompts, of which every response's first token is drawn: a row for each group that has
/// a lane or waits for one.
final class PromptRows {
    private var free: [Int]

    init(count: Int) { self.free = Array((0..<count).reversed()) }

    func take() -> Int {
        guard let row = self.free.popLast() else {
            preconditionFailure("a group is begun only when a lane is free for it")
        }
        return row
    }

    func giveBack(_ row: Int) { self.free.append(row) }
}
