/** A vitest reporter for `scripts/test.mjs`: writes `{ passed, failed, skipped }` to the file that TEST_REPORT names. */
import { writeFileSync } from 'node:fs';
import { env } from 'node:process';

export default class TestReporter {
  /**
   * @param {readonly import('vitest/node').TestModule[]} modules
   * @param {readonly { message?: string }[]} unhandled what happened outside all tests, such as the end of a process
   */
  onTestRunEnd(modules, unhandled) {
    const failed = unhandled.map(({ message }) => `outside all tests: ${message}`);
    const skipped = [];
    let passed = 0;
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      const name = (test) => `${module.relativeModuleId} > ${test.fullName}`;
      const inState = (state) => tests.filter((test) => test.result().state === state);
      passed += inState('passed').length;
      skipped.push(...inState('skipped').map(name));
      const broken = [
        ...inState('failed').map(name),
        ...inState('pending').map((test) => `${name(test)} (did not finish)`),
      ];
      // A file that does not load, or whose hooks fail, may have no failed test.
      if (broken.length === 0 && (!module.ok() || tests.length === 0)) broken.push(module.relativeModuleId);
      failed.push(...broken);
    }
    writeFileSync(String(env.TEST_REPORT), JSON.stringify({ passed, failed, skipped }));
  }
}
