export {
  type Borders,
  type ClassBorders,
  expertZones,
  NO_BORDERS,
  type Passage,
  type Passages,
  passageOfAsking,
  passageTo,
  pinnedTo,
  THINGS,
  type Thing,
  zonesOf,
} from "./borders.ts";
export { parseBorders } from "./parse-borders.ts";
