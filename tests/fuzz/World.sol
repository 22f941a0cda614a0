// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IHive} from "../../contracts/interfaces/IHive.sol";
import {INodeRegistry} from "../../contracts/interfaces/INodeRegistry.sol";
import {Chance} from "./Chance.sol";
import {Ledger} from "./Ledger.sol";
import {Model} from "./Model.sol";
import {Vm} from "./Vm.sol";

/// @title IToken
/// @notice What is used of HiveToken.
interface IToken {
    function approve(address spender, uint256 amount) external returns (bool);

    function transfer(address to, uint256 amount) external returns (bool);

    function balanceOf(address holder) external view returns (uint256);

    function totalSupply() external view returns (uint256);
}

/// @title World
/// @notice The contracts, as Brownie compiled them, the people around them, and the way in which every call is made: it is
/// foretold by the model whether it is refused, it is counted, and it must come as foretold.
abstract contract World is Chance, Model {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    uint256 internal constant ACTORS = 16;
    uint256 internal constant STRANGER = 15;
    uint256 internal constant SUPPLY = 1e28;

    IHive internal hive;
    INodeRegistry internal registry;
    IToken internal token;

    /// @dev What the logs tell.
    Ledger internal ledger;

    /// @dev The first property that was seen broken; empty: none.
    string internal _broken;

    /// @dev What was sent by plain transfer, or stays because the token would not burn it.
    uint256 internal _strayInHive;
    uint256 internal _strayInRegistry;

    /// @dev What was burned.
    uint256 internal _burned;

    /// @dev For each function how often it succeeded and how often it was refused.
    bytes4[] internal _called;
    mapping(bytes4 function_ => uint256[2]) internal _outcomes;
    bool internal _counting;

    /// @dev Whether it is the way out: every call must succeed, and none is counted.
    bool internal _leaving;

    /// @dev How many moves there were.
    uint256 internal _turn;

    address[] private _actors;
    mapping(address actor => uint256 key) private _keys;

    // Making it

    function _deploy(bool adds) internal {
        _now = 1_700_000_000;
        vm.warp(_now);
        _adds = adds;
        ledger = new Ledger();
        for (uint256 key = 0xA11CE; _actors.length < ACTORS; ++key) {
            _actors.push(vm.addr(key));
            _keys[vm.addr(key)] = key;
        }
        address holder = _actor(0);
        token = IToken(_create("HiveToken", abi.encode(holder, SUPPLY)));
        hive = IHive(_create("Hive", abi.encode(token, adds)));
        registry = INodeRegistry(hive.registry());
        for (uint256 i = 0; i < ACTORS; ++i) {
            address actor = _actor(i);
            vm.prank(holder);
            token.transfer(actor, SUPPLY / ACTORS);
            vm.prank(actor);
            token.approve(address(hive), type(uint256).max);
            vm.prank(actor);
            token.approve(address(registry), type(uint256).max);
        }
        _nodes.push();
        _tasks.push();
    }

    /// @dev Bytecode comes from the artifacts of Brownie, so what is fuzzed is what is deployed; from another folder where
    /// a mutant is to be caught.
    function _create(string memory name, bytes memory arguments) internal returns (address made) {
        string memory folder = vm.envOr("FUZZ_ARTIFACTS", string("build/contracts"));
        string memory artifact = vm.readFile(string.concat(folder, "/", name, ".json"));
        bytes memory code = vm.parseBytes(string.concat("0x", vm.parseJsonString(artifact, ".bytecode")));
        code = bytes.concat(code, arguments);
        assembly ("memory-safe") {
            made := create(0, add(code, 32), mload(code))
        }
        require(made != address(0), string.concat(name, " could not be deployed"));
    }

    /// @dev How every move begins.
    function _enter(uint256 seed) internal {
        _shake(seed);
        ++_turn;
        _pass();
    }

    // People

    function _actor(uint256 i) internal view returns (address) {
        return _actors[i];
    }

    function _anybody() internal returns (address) {
        return _actor(_draw(ACTORS));
    }

    /// @dev The one who may, but now and then anybody.
    function _mostly(address one) internal returns (address) {
        return one == address(0) || _once(8) ? _anybody() : one;
    }

    function _keyOf(address actor) internal view returns (uint256) {
        return _keys[actor];
    }

    // Calling

    /// @dev A call for which the model has foretold the outcome.
    /// @param refusal Which property wants it refused; empty: it must succeed.
    function _toHive(address who, bytes memory data, string memory refusal) internal returns (bool ok) {
        (ok,) = _call(address(hive), who, data, refusal);
    }

    function _toRegistry(address who, bytes memory data, string memory refusal) internal returns (bool ok) {
        (ok,) = _call(address(registry), who, data, refusal);
    }

    function _call(address to, address who, bytes memory data, string memory refusal)
        internal
        returns (bool ok, bytes memory answer)
    {
        vm.recordLogs();
        vm.prank(who);
        (ok, answer) = to.call(data);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        if (ok) {
            try ledger.read(logs) {} catch {
                _break("P14: the logs tell what cannot be");
            }
        }
        _count(bytes4(data), ok);
        bool foretold = _leaving || bytes(refusal).length == 0;
        if (ok != foretold) {
            if (ok) _break(string.concat(refusal, " went through"));
            else _break(string.concat("a good call refused: ", vm.toString(data), " by ", vm.toString(answer)));
            ok = false;
        }
    }

    /// @dev Also counts how rounds end, each phase standing for the function of its number.
    function _count(bytes4 function_, bool ok) internal {
        if (!_counting || _leaving) return;
        uint256[2] storage outcomes = _outcomes[function_];
        if (outcomes[0] == 0 && outcomes[1] == 0) _called.push(function_);
        ++outcomes[ok ? 0 : 1];
    }

    /// @dev A line with how often each function succeeded and was refused, for scripts/fuzz.py to add up.
    function _report() internal {
        string memory file = vm.envOr("FUZZ_COUNTS", string(""));
        if (bytes(file).length == 0) return;
        string memory line = "";
        for (uint256 i = 0; i < _called.length; ++i) {
            uint256[2] storage n = _outcomes[_called[i]];
            string memory name = vm.toString(abi.encodePacked(_called[i]));
            line = string.concat(line, name, " ", vm.toString(n[0]), " ", vm.toString(n[1]), " ");
        }
        vm.writeLine(file, line);
    }

    /// @dev The property `what` was seen broken.
    function _break(string memory what) internal {
        if (bytes(_broken).length == 0) _broken = what;
    }

    function _expect(bool holds, string memory what) internal {
        if (!holds) _break(what);
    }

    // Choosing

    /// @dev A task whose latest round is in the phase if there is one, mostly.
    function _taskIn(Phase phase) internal returns (uint64 t) {
        uint64 n = uint64(_tasks.length) - 1;
        t = uint64(1 + _draw(n));
        if (_once(16)) return t;
        for (uint64 i = 0; i < n; ++i) {
            if (_latest(t).phase == phase) return t;
            t = t % n + 1;
        }
    }

    /// @dev Mostly the latest round.
    function _roundOf(uint64 t) internal returns (uint32 r) {
        r = _tasks[t].latest;
        if (_once(16)) r = uint32(_draw(r + 2));
    }

    function _anyShard(uint64 t) internal returns (uint16) {
        if (_once(32)) return uint16(_tasks[t].config.shards + _draw(40));
        uint16[] memory shards = _shards(t);
        return shards[_draw(shards.length)];
    }

    function _anySeat(uint64 t) internal returns (uint8) {
        if (_once(32)) return uint8(_draw(24));
        return uint8(_draw(_tasks[t].config.seats));
    }
}
