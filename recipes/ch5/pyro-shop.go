package ch5

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/spf13/pflag"

	"cookbook/internal/catalog"
	"cookbook/internal/distributed"
	"cookbook/internal/distributed/engine"
	"cookbook/internal/distributed/objects"
	"cookbook/internal/process"
	"cookbook/internal/transcript"
)

// A shop keeps the accounts of its customers, which are processes of their own. Its accounts outlive it.

// # The shop

// A shop has its accounts in the engine, by name, as whole cents.
type shop struct{ accounts jetstream.KeyValue }

// cents are money. A float64 would not hold 0.10.
type cents int64

func (c cents) String() string { return fmt.Sprintf("%d.%02d", int64(c)/100, int64(c)%100) }

// What the shop refuses. The customers' processes know the errors by these names.
var (
	errNoAccount = objects.NewError("ch5.no_account", "there is no account of that name; log on first")
	errOverdraft = objects.NewError("ch5.overdraft", "not enough money")
)

// LogOn opens an account if there is none, and returns its balance.
func (s *shop) LogOn(ctx context.Context, name string) (cents, error) {
	if _, err := s.accounts.Create(ctx, name, []byte("0")); err != nil && !errors.Is(err, jetstream.ErrKeyExists) {
		return 0, err
	}
	return s.Balance(ctx, name)
}

// Balance returns what an account holds.
func (s *shop) Balance(ctx context.Context, name string) (cents, error) {
	return s.change(ctx, name, 0)
}

// Deposit adds to an account and returns the new balance.
func (s *shop) Deposit(ctx context.Context, name string, amount uint32) (cents, error) {
	return s.change(ctx, name, cents(amount))
}

// Buy pays a price and returns the new balance.
func (s *shop) Buy(ctx context.Context, name string, price uint32) (cents, error) {
	return s.change(ctx, name, -cents(price))
}

// change adds to an account, if nothing has changed it since it was read; otherwise it tries again. So no deposit is lost, even if
// two servers hold the same accounts.
func (s *shop) change(ctx context.Context, name string, by cents) (cents, error) {
	for {
		entry, err := s.accounts.Get(ctx, name)
		if errors.Is(err, jetstream.ErrKeyNotFound) {
			return 0, fmt.Errorf("%s: %w", name, errNoAccount)
		} else if err != nil {
			return 0, err
		}
		var balance cents
		if err := json.Unmarshal(entry.Value(), &balance); err != nil {
			return 0, err
		}
		if balance+by < 0 {
			return 0, fmt.Errorf("%s has %v and needs %v: %w", name, balance, -by, errOverdraft)
		}
		if by == 0 {
			return balance, nil
		}
		_, err = s.accounts.Update(ctx, name, []byte(fmt.Sprint(int64(balance+by))), entry.Revision())
		if !errors.Is(err, jetstream.ErrKeyRevisionMismatch) {
			return balance + by, err
		}
	}
}

// AllAccounts returns every balance by name.
func (s *shop) AllAccounts(ctx context.Context) (map[string]cents, error) {
	names, err := s.accounts.Keys(ctx)
	if err != nil && !errors.Is(err, jetstream.ErrNoKeysFound) {
		return nil, err
	}
	all := map[string]cents{}
	for _, name := range names {
		if all[name], err = s.Balance(ctx, name); err != nil {
			return nil, err
		}
	}
	return all, nil
}

const shopName = "BuyAnythingOnline"

// serveShop serves a shop until its process is told to end.
var serveShop = process.Register("ch5.shop_server", func(ctx context.Context, at engine.Address) (struct{}, error) {
	conn, err := engine.Connect(ctx, at)
	if err != nil {
		return struct{}{}, err
	}
	defer conn.Close()
	accounts, err := conn.Bucket(ctx, jetstream.KeyValueConfig{Bucket: "accounts"})
	if err != nil {
		return struct{}{}, err
	}
	return struct{}{}, objects.Serve(ctx, conn, shopName, &shop{accounts})
})

// # The customers

// A customer is a process. It logs on, takes its steps, and gives 1.00 to the account charity several times.
type customer struct {
	At    engine.Address
	Name  string
	Steps []step
	Gifts int
}

// A step is a call of a method with the customer's name and an amount.
type step struct {
	Method string
	Amount cents
}

var shopAround = process.Register("ch5.shop_customer", func(ctx context.Context, c customer) (struct{}, error) {
	ns, err := objects.Dial(ctx, c.At)
	if err != nil {
		return struct{}{}, err
	}
	defer ns.Close()
	online, err := ns.Lookup(ctx, shopName)
	if err != nil {
		return struct{}{}, err
	}
	say := process.Log(ctx).Actor(c.Name).Printf
	balance, err := objects.Call[cents](ctx, online, "LogOn", c.Name)
	if err != nil {
		return struct{}{}, err
	}
	say("logged on: balance %v", balance)
	for _, s := range c.Steps {
		balance, err := objects.Call[cents](ctx, online, s.Method, c.Name, s.Amount)
		if errors.Is(err, errOverdraft) {
			say("%v", err)
		} else if err != nil {
			return struct{}{}, err
		} else {
			say("%s %v: balance %v", s.Method, s.Amount, balance)
		}
	}
	for range c.Gifts {
		if _, err := objects.Call[cents](ctx, online, "Deposit", "charity", cents(100)); err != nil {
			return struct{}{}, err
		}
	}
	say("logged out")
	return struct{}{}, nil
})

// # The run

func keepShop(ctx context.Context, out *transcript.Log, gifts int, store string) (err error) {
	run, err := distributed.Open(ctx, out, distributed.WithStore(store))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, run.Close()) }()
	ns, err := objects.Locate(ctx, run.Conn)
	if err != nil {
		return err
	}
	server, err := distributed.Start(run, "shop", serveShop, run.Address())
	if err != nil {
		return err
	}
	online, err := ns.Wait(ctx, shopName)
	if err != nil {
		return err
	}
	if _, err := objects.Call[cents](ctx, online, "LogOn", "charity"); err != nil {
		return err
	}
	before, err := objects.Call[map[string]cents](ctx, online, "AllAccounts")
	if err != nil {
		return err
	}
	var customers []*process.Process
	for _, c := range []customer{
		{Name: "Meeta", Steps: []step{{"Deposit", 5000}, {"Deposit", 5000}}},
		{Name: "Rashmi", Steps: []step{{"Deposit", 10000}, {"Buy", 3700}}}, // a book
		{Name: "John", Steps: []step{{"Deposit", 2000}, {"Buy", 100_000_000}}},
		{Name: "Ken"},
	} {
		c.At, c.Gifts = run.Address(), gifts
		p, err := distributed.Start(run, c.Name, shopAround, c)
		if err != nil {
			return err
		}
		customers = append(customers, p)
	}
	for _, p := range customers {
		if err := errors.Join(p.Join(ctx), p.Err()); err != nil {
			return err
		}
	}
	after, err := objects.Call[map[string]cents](ctx, online, "AllAccounts")
	if err != nil {
		return err
	}
	out.Printf("all accounts: %v", after)
	out.Check("Rashmi has 63.00 more", after["Rashmi"]-before["Rashmi"], cents(6300))
	out.Check("Meeta has 100.00 more", after["Meeta"]-before["Meeta"], cents(10000))
	out.Check("four customers gave at once, and no gift is lost", after["charity"]-before["charity"], cents(100*4*gifts))

	_, err = objects.Call[cents](ctx, online, "Balance", "Nobody")
	out.Printf("%v", err)
	out.Check("an unknown account is an error", errors.Is(err, errNoAccount), true)

	out.Note("The shop's process is killed, and another one opens the shop.")
	if err := errors.Join(server.Kill(), server.Join(ctx)); err != nil {
		return err
	}
	_, err = objects.Call[cents](ctx, online, "Balance", "Rashmi")
	out.Printf("%v", err)
	out.Check("a killed server is an error of the caller", errors.Is(err, objects.ErrGone), true)
	if _, err := distributed.Start(run, "second shop", serveShop, run.Address()); err != nil {
		return err
	}
	if online, err = ns.Wait(ctx, shopName); err != nil {
		return err
	}
	again, err := objects.Call[map[string]cents](ctx, online, "AllAccounts")
	if err != nil {
		return err
	}
	out.Printf("all accounts: %v", again)
	out.Check("the balances have survived", maps.Equal(again, after), true)
	return nil
}

var pyroShop = catalog.Recipe{
	ID: "ch5.pyro-shop", Section: "5.8", Title: "Keep a shop whose customers are processes",
	Python: "Pyro4, an object with state", Go: "objects.Serve, jetstream.KeyValue.Update",
	Needs:  []catalog.Need{catalog.Processes, catalog.Network},
	Engine: string(catalog.NATS),
	New: func(f *pflag.FlagSet) catalog.Run {
		gifts := catalog.Int(f, "gifts", 20, 0, 10_000, "number of times that each customer gives 1.00 to one account, all at once")
		store := catalog.File(f, "store", "accounts", "folder that keeps the accounts for the next run; without it they go with the run")
		return func(ctx context.Context, out *transcript.Log) error { return keepShop(ctx, out, *gifts, *store) }
	},
}
