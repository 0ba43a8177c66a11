/** What a page or an edge device may call: prediction without training, over an unshared memory. */
export { predict } from "./index";
