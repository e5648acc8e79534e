import EADAlgorithms
import EADSampling

/// Every setting a cluster file can have, for the checks of its documentation.
enum SettingList {
    static var all: [SettingDescription] {
        let kinds = ScheduleKind.allCases.flatMap { kind in
            var configuration = ClusterConfiguration()
            configuration.sampling.schedule = kind.schedule
            return Self.list(&configuration)
        }
        // Of the learning rate's schedules the others have the parameters of the constant one and more.
        var decaying = ClusterConfiguration()
        decaying.training.schedule = .cosine
        return (kinds + Self.list(&decaying)).reduce(into: []) { list, setting in
            if !list.contains(where: { $0.path == setting.path }) { list.append(setting) }
        }
    }

    private static func list(_ configuration: inout ClusterConfiguration) -> [SettingDescription] {
        let lister = SettingLister()
        configuration.visit(lister)
        return lister.settings
    }
}
