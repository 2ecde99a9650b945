package edv

import (
	"cmp"
	"context"
	"slices"

	"twolock/keystore"
)

// days are how often a key was used on each of the last days, in the key's document: oldest first, each once, at most keystore.UsageDays of them. When one
// is added, those that are too old are forgotten. They stay where they are when the key is rotated.
type days []dayUses

type dayUses struct {
	Day  keystore.Day `json:"day"` // days since 1970-01-01, UTC
	Uses int64        `json:"uses"`
}

func (d days) ok() bool {
	for i, one := range d {
		if one.Uses < 1 || i > 0 && one.Day <= d[i-1].Day {
			return false
		}
	}
	return len(d) <= keystore.UsageDays
}

// plus is d with more uses. d stays as it is.
func (d days) plus(more map[keystore.Day]int64) days {
	next := slices.Clone(d)
	for day, uses := range more {
		i, found := slices.BinarySearchFunc(next, day, func(one dayUses, day keystore.Day) int { return cmp.Compare(one.Day, day) })
		if !found {
			next = slices.Insert(next, i, dayUses{Day: day})
		}
		next[i].Uses += uses
	}
	for day := range more {
		next = slices.DeleteFunc(next, func(one dayUses) bool { return one.Day <= day-keystore.UsageDays })
	}
	return next[max(0, len(next)-keystore.UsageDays):]
}

// DailyUses implements keystore.Keys: one request.
func (v *Vault) DailyUses(ctx context.Context, keystoreID, id string, first, last keystore.Day) (map[keystore.Day]int64, error) {
	if err := v.mine(keystoreID, id); err != nil {
		return nil, err
	}
	ctx, cancel := bound(ctx)
	defer cancel()
	got, err := v.getKey(ctx, id)
	if err != nil || !got.key.readable() {
		return nil, err
	}
	all := map[keystore.Day]int64{}
	for _, one := range got.key.Days {
		if first <= one.Day && one.Day <= last {
			all[one.Day] = one.Uses
		}
	}
	return all, nil
}
