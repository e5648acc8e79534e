import Testing

@testable import EADDoctor

@Suite struct HostFactsTests {
    @Test func listsOfCPUsAreCounted() {
        #expect(CoreFacts.count(cpuList: "\t0-3,8\n") == 5)
        #expect(CoreFacts.count(cpuList: "7") == 1)
        for wrong in ["", "a", "3-1", "1-", "0-1-2", "-4"] {
            #expect(CoreFacts.count(cpuList: wrong) == nil, "\(wrong)")
        }
    }

    @Test func theQuotaLimitsTheThreads() {
        #expect(CoreFacts(online: 8, allowed: 8, quota: nil).usable == 8)
        #expect(CoreFacts(online: 8, allowed: 3, quota: nil).usable == 3)
        #expect(CoreFacts(online: 8, allowed: 8, quota: 2.5).usable == 2)
        #expect(CoreFacts(online: 8, allowed: 8, quota: 0.5).usable == 1)
        #expect(CoreFacts(online: 8, allowed: 1, quota: 4).usable == 1)
    }

    @Test func threadsBeyondTheCoresAreAWarning() {
        let cores = CoreFacts(online: 4, allowed: 4, quota: nil)
        #expect(cores.check(learner: nil, workers: []).advice == nil)
        #expect(cores.check(learner: 4, workers: [2, 2]).outcome == .ok)
        #expect(cores.check(learner: 4, workers: [2, 2, 1]).outcome == .warn)
        #expect(cores.check(learner: 5, workers: []).outcome == .warn)
        var busy = cores
        busy.load = 2.1
        #expect(busy.check(learner: 4, workers: [4]).outcome == .warn)
        #expect(busy.check(learner: 4, workers: [4]).found.contains("load 2.1"))
        let idle = cores.check(learner: 1, workers: [2])
        #expect(idle.outcome == .ok && idle.advice?.contains("2 idle") == true)
    }

    @Test func theSecondVersionOfControlGroupsIsRead() {
        let paths = ControlGroup.Paths("0::/user.slice/job\n")
        #expect(paths.unified == ["/user.slice/job", "/user.slice", ""])
        let files = [
            "/user.slice/job/cpu.max": "max 100000\n", "/user.slice/cpu.max": "150000 100000\n",
            "/user.slice/job/memory.max": "3000000000\n", "/user.slice/job/memory.current": "1000000000\n",
            "/user.slice/memory.max": "max\n",
        ]
        let group = ControlGroup(paths) { files[$0] }
        #expect(group == ControlGroup(cores: 1.5, memory: 3_000_000_000, memoryUsed: 1_000_000_000))
        #expect(ControlGroup(paths) { _ in nil } == ControlGroup())
    }

    @Test func theFirstVersionOfControlGroupsIsRead() {
        let paths = ControlGroup.Paths("5:memory:/docker/a\n4:cpu,cpuacct:/docker/a\n1:name=systemd:/x\n")
        let files = [
            "cpu/docker/a/cpu.cfs_quota_us": "50000\n", "cpu/docker/a/cpu.cfs_period_us": "100000\n",
            "cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n",
            "memory/docker/a/memory.limit_in_bytes": "2000000000\n",
            "memory/docker/a/memory.usage_in_bytes": "500000000\n",
            "memory/memory.limit_in_bytes": "9223372036854771712\n",
        ]
        let group = ControlGroup(paths) { files[$0] }
        #expect(group == ControlGroup(cores: 0.5, memory: 2_000_000_000, memoryUsed: 500_000_000))
    }

    @Test func memoryIsReadAndLimitedByTheGroup() throws {
        let text = "MemTotal:       24000000 kB\nMemFree:  1 kB\nMemAvailable:   20000000 kB\n"
        let machine = try #require(MemoryFacts(meminfo: text))
        #expect(machine.total == 24_576_000_000 && machine.budget == 20_480_000_000)
        var limited = machine
        limited.group = ControlGroup(memory: 3_000_000_000, memoryUsed: 1_000_000_000)
        #expect(limited.budget == 2_000_000_000)
        limited.group.memoryUsed = 4_000_000_000
        #expect(limited.budget == 0)
        #expect(MemoryFacts(meminfo: "MemTotal: 5 kB") == nil)
    }

    @Test func whatDoesNotFitFailsAndWhatHardlyFitsWarns() {
        let memory = MemoryFacts(total: 20_000_000_000, available: 10_000_000_000)
        func outcome(_ needs: Int) -> Check.Outcome {
            memory.fit("learner", needs: needs, found: "groups", advice: "buy some").outcome
        }
        #expect(outcome(9_000_000_000) == .ok)
        #expect(outcome(9_000_000_001) == .warn)
        #expect(outcome(10_000_000_000) == .warn)
        #expect(outcome(10_000_000_001) == .fail)
        let check = memory.fit("learner", needs: 11_000_000_000, found: "groups", advice: "buy some")
        #expect(check.found == "groups: 11.0 GB of 10.0 GB" && check.advice == "does not fit: buy some")
    }

    @Test func hugePagesAreReadFromTheBrackets() {
        #expect(MemoryFacts.hugePages(enabled: "always [madvise] never\n").outcome == .ok)
        #expect(MemoryFacts.hugePages(enabled: "[always] madvise never\n").outcome == .ok)
        #expect(MemoryFacts.hugePages(enabled: "always madvise [never]\n").outcome == .warn)
        #expect(MemoryFacts.hugePages(enabled: nil).outcome == .warn)
    }

    @Test func aForcedVariantIsTold() {
        func check(_ supported: [String], _ forced: String?) -> Check {
            CPUFacts(model: "A CPU", supported: supported, forced: forced).check
        }
        let all = ["portable", "avx2", "avx512"]
        #expect(
            check(all, nil).outcome == .ok
                && check(all, nil).found.hasPrefix("avx512, or by EAD_CPU_VARIANT avx2, portable; A CPU"))
        #expect(check(all, "avx512").outcome == .ok)
        #expect(check(all, "avx2").outcome == .warn)
        #expect(check(all, "avx512bf16").outcome == .fail)
        #expect(check(["portable"], nil).outcome == .warn)
        #expect(CPUFacts.model(cpuinfo: "flags : a\nmodel name\t: A  CPU 7\n") == "A CPU 7")
        #expect(CPUFacts.model(cpuinfo: "") == "")
    }
}
