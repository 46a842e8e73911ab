// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev A span of time in Unix seconds. In force at `t`: from <= t and (until == 0 or t < until).
struct Period {
    uint64 from; // zero: never begun
    uint64 until; // zero: not ended
}

/// @title Spans that begin once and end at most once
library Periods {
    /// @notice Begins the period with this block.
    function begin(Period storage period) internal {
        period.from = uint64(block.timestamp);
    }

    /// @notice Ends the period with this block.
    function end(Period storage period) internal {
        period.until = uint64(block.timestamp);
    }

    /// @notice Whether the period ever began.
    function begun(Period storage period) internal view returns (bool) {
        return period.from != 0;
    }

    /// @notice Whether the period has begun and not ended.
    function isOpen(Period storage period) internal view returns (bool) {
        return period.from != 0 && period.until == 0;
    }
}
