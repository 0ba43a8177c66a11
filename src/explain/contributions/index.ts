export { type Contributions, type Contributor, createContributor } from "./contributions.ts";
