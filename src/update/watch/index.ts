export { alarmThreshold, DEFAULT_ALPHA } from "./alarm.ts";
export { firstAlarm } from "./first-alarm.ts";
export { oddColumns } from "./guard.ts";
export {
  addBins,
  addWatched,
  keepBins,
  keepWatched,
  readAllWatched,
  readBins,
  readWatched,
  removeWatched,
  type WatchedVersion,
  watchedOf,
} from "./kept-monitors.ts";
export { changedAfter, type Evidence, type ExpertMonitor, evidenceOf } from "./monitor.ts";
export { coveredRows, novelRows, type Seen, seeRows } from "./observe.ts";
export { type Bins, binColumns } from "./two-sample.ts";
export {
  type Monitors,
  type NewRows,
  startMonitors,
  type WatchedMember,
  watchMember,
} from "./watch-member.ts";
