export { type DownloadOptions, download } from "./download.ts";
export { type Fetched, fetchDataset, fetchDescribed } from "./fetch-dataset.ts";
export { type Verification, verifyDatasets } from "./verify-datasets.ts";
