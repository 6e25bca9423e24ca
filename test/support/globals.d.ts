/** Answers of the tests' own servers are read without a schema. */
interface Response {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  json(): Promise<any>;
}
