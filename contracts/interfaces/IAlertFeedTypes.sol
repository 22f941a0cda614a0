// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title IAlertFeedTypes
/// @notice What the functions, events and errors of an alert feed speak in.
/// @dev Units: amounts in 1e-18 tokens; times in Unix seconds; probabilities in basis points. Posts and seats are
/// numbered from 0, appeals from 1.
interface IAlertFeedTypes {
    /// @notice The rules of a feed; they never change.
    /// @param posts Places for monitors, 1 to 24.
    /// @param quorum So many live alerts flag an address, 1 to `posts`. There is no vote for "harmless", so it need not
    /// be a majority; what it takes to be wrong together is `quorum` times `minStake` and everybody's name.
    /// @param categories Kinds of behaviour, 1 to 255; 0 is unknown.
    /// @param longestSeconds The most that an alert may live without being renewed, 1 second to 400 days.
    /// @param standSeconds How long an alert must stand to be paid; at most longestSeconds.
    /// @param voteSeconds How long validators may commit votes about an appeal, 1 second to 30 days.
    /// @param revealSeconds How long they may show them after that, 1 second to 30 days.
    /// @param minStake What a monitor's node needs to take a post, in 1e-18 tokens.
    /// @param reward Paid for an alert that stood, in 1e-18 tokens; to a node once in longestSeconds for a subject.
    /// @param voteReward Paid for a vote with the side that an appeal was decided for, in 1e-18 tokens; all the task's
    /// seats together at most `bond`.
    /// @param bond What an appeal costs if it is lost, in 1e-18 tokens.
    // In the order in which one reads them; stored once.
    // solhint-disable-next-line gas-struct-packing
    struct Rules {
        uint8 posts;
        uint8 quorum;
        uint8 categories;
        uint32 longestSeconds;
        uint32 standSeconds;
        uint32 voteSeconds;
        uint32 revealSeconds;
        uint96 minStake;
        uint96 reward;
        uint96 voteReward;
        uint96 bond;
    }

    /// @notice What a monitor says of an address.
    /// @param subject The address.
    /// @param probability That it is dangerous, 1 to 10000.
    /// @param category The behaviour, below the rules' `categories`.
    /// @param expiry First second at which the alert is over.
    struct Alert {
        address subject;
        uint16 probability;
        uint8 category;
        uint40 expiry;
    }

    /// @notice An alert as it is kept, one for each post and subject: the latest.
    /// @param node Whose it is; 0: there is none.
    /// @param since When it was posted. A renewal of a live alert changes nothing here.
    /// @param expiry First second at which it is over; 0: overturned.
    /// @param round The final round of the task whose model said it.
    /// @param probability See Alert.
    /// @param category See Alert.
    /// @param locked Whether the feed holds its reward: it is not settled yet.
    /// @param term Of its author at the post, see Monitor.
    struct Entry {
        uint32 node;
        uint40 since;
        uint40 expiry;
        uint32 round;
        uint16 probability;
        uint8 category;
        bool locked;
        uint32 term;
    }

    /// @notice Who holds a post.
    /// @param operator The key that may post; a copy, see INodeRegistry.rotateOperator. Zero: free.
    /// @param node The holder.
    /// @param term The number of the time for which it holds the post: counted from 1 over all posts.
    struct Monitor {
        address operator;
        uint32 node;
        uint32 term;
    }

    /// @notice What a node's earlier alerts about a subject keep it from.
    /// @param barredUntil Before this second it cannot post about the subject: an appeal took its alert down, or it
    /// took it back while one was open.
    /// @param paidUntil An alert since before this second is not paid: another has been.
    struct Past {
        uint40 barredUntil;
        uint40 paidUntil;
    }

    /// @notice What became of a node's alerts.
    /// @param posted Alerts, renewals not counted.
    /// @param stood Alerts that earned their reward.
    /// @param retracted Taken back by the node itself.
    /// @param overturned Taken down by an appeal.
    struct Standing {
        uint32 posted;
        uint32 stood;
        uint32 retracted;
        uint32 overturned;
    }

    /// @notice What the feed says of an address at the present time. The numbers are those of the live alerts, even if
    /// they are too few to flag.
    /// @param flagged Whether a quorum of monitors agrees.
    /// @param appealed Whether an appeal is open. It stays flagged meanwhile.
    /// @param probability The lower median of the live alerts', in basis points.
    /// @param category What most of them say; of equals the lower.
    /// @param monitors How many live alerts there are.
    /// @param expiry Until when a quorum of them lives; 0 if there is none.
    /// @param model Digest of the newest model among them.
    // Never stored.
    // solhint-disable-next-line gas-struct-packing
    struct Risk {
        bool flagged;
        bool appealed;
        uint16 probability;
        uint8 category;
        uint8 monitors;
        uint40 expiry;
        bytes32 model;
    }

    /// @notice How an appeal ended. Open: it has not. Undecided: neither side had the task's quorum of seats.
    enum Outcome {
        Open,
        Undecided,
        Upheld,
        Overturned
    }

    /// @notice An appeal.
    /// @param subject The address that it is for.
    /// @param appellant Who has put up the bond.
    /// @param openedAt When it was opened: it is about the alerts that were live then.
    /// @param round The task's last final round then: only seats that were held before it was opened may vote.
    /// @param committed Bit s: seat s committed a vote.
    /// @param upholding Bit s: seat s showed a vote for the alerts.
    /// @param overturning Bit s: seat s showed a vote against them.
    /// @param voteReward What is locked for each seat, in 1e-18 tokens.
    /// @param outcome Open until it is decided.
    struct Appeal {
        address subject;
        uint40 openedAt;
        uint32 round;
        uint24 committed;
        address appellant;
        uint24 upholding;
        uint24 overturning;
        Outcome outcome;
        uint96 voteReward;
    }
}
