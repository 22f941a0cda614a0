// Every rule of solhint, but for those below; each says why it is off or set otherwise. An exception at one place
// stands there: `// solhint-disable-next-line RULE`, with the reason in the comment above it.
"use strict";

module.exports = {
  extends: "solhint:all",
  rules: {
    // Set otherwise

    // The compiler of brownie-config.yaml: exact in contracts, floating in what others may import.
    "compiler-version": ["error", "^0.8.30"],
    // A constructor has had no visibility since 0.7.
    "func-visibility": ["error", { ignoreConstructors: true }],
    // An immutable is read like the function that the interface declares, `token()`.
    "immutable-vars-naming": ["error", { immutablesAsConstants: false }],
    // Authors are in git. Parameters are described where name, type and the units at the head of the interface leave
    // something open, and the compiler rejects a name that does not exist; the rule wants all of them or none.
    // A constructor is described by its parameters.
    "use-natspec": [
      "error",
      {
        title: { enabled: true, ignore: {} },
        author: { enabled: false, ignore: {} },
        notice: { enabled: true, ignore: { function: ["<anonymous>"] } },
        param: { enabled: false, ignore: {} },
        return: { enabled: false, ignore: {} },
      },
    ],

    // Off: gas, which `make gas` measures and a test compares with the snapshot

    // The optimizer makes the same code of `i++` and `++i` where the value is not used.
    "gas-increment-by-one": "off",
    // Indexed is what is searched for: task, round, node. Nobody searches for an amount.
    "gas-indexed-events": "off",
    // In memory a struct that is read more than once is decoded once; bytecode, which Hive has little room for, says so too.
    "gas-calldata-parameters": "off",
    // The length of an array in memory or calldata costs about what a local variable costs.
    "gas-length-in-loops": "off",
    // A name for a value returned is for the reader: where the function's name does not say it.
    "gas-named-return-values": "off",
    // `>=` says what is meant at a deadline and at a quota; the other way round invites an error of one.
    "gas-strict-inequalities": "off",

    // Off: what the compiler, the interfaces or other rules already see to

    // Wants the word `override`, which implementing an interface has not needed since 0.8.8. @inheritdoc, which the
    // compiler checks, says where a function comes from.
    "comprehensive-interface": "off",
    // There are no tests in contracts/; the rules take every function there for one.
    "foundry-test-function-naming": "off",
    "foundry-test-functions": "off",
    // Events and errors list their fields in the order of the interface; the tests read them by name.
    "func-named-parameters": "off",
    // Directories and files in another order than the alphabet's: dependencies first, then the base, then the parts.
    "imports-order": "off",
    // Phases end at a time, which is what the protocol is about. The time of a block is that of its slot: whoever
    // proposes it can miss the slot but not choose the time.
    "not-rely-on-time": "off",
    // Functions stand by action, an entry point before what it calls, as they are read.
    "ordering": "off",
    // Wants an underscore before the name of a constant too.
    "private-vars-leading-underscore": "off",
  },
};
