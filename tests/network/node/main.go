// Command validator is Kaia's consensus node with two changes that its flags do not offer: it listens for its peers on
// the loopback address only, and a round whose proposer is silent ends after two seconds instead of ten.
package main

import (
	"fmt"
	"os"

	"github.com/kaiachain/kaia/cmd/utils"
	"github.com/kaiachain/kaia/cmd/utils/nodecmd"
	"github.com/kaiachain/kaia/consensus/istanbul"
	"github.com/kaiachain/kaia/datasync/chaindatafetcher"
	"github.com/kaiachain/kaia/datasync/dbsyncer"
	"github.com/kaiachain/kaia/node"
	"github.com/kaiachain/kaia/node/cn"
	"github.com/kaiachain/kaia/node/sc"
	"github.com/urfave/cli/v2"
)

// roundMilliseconds is what a test can wait for; a network across the world would want more.
const roundMilliseconds = 2000

func main() {
	utils.NodeTypeFlag.Value = "cn"
	app := utils.NewApp("", "a validator of the test network")
	app.Flags = utils.KcnAppFlags()
	app.Commands = []*cli.Command{nodecmd.InitCommand}
	app.Before = nodecmd.BeforeRunNode
	app.Action = run
	if err := app.Run(os.Args); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx *cli.Context) error {
	config := utils.KaiaConfig{
		CN:               *cn.GetDefaultConfig(),
		Node:             utils.DefaultNodeConfig(),
		DB:               *dbsyncer.DefaultDBConfig(),
		ChainDataFetcher: *chaindatafetcher.DefaultChainDataFetcherConfig(),
		ServiceChain:     *sc.DefaultServiceChainConfig(),
	}
	config.SetNodeConfig(ctx)
	config.Node.P2P.ListenAddr = fmt.Sprintf("127.0.0.1:%d", ctx.Int(utils.ListenPortFlag.Name))
	config.Node.P2P.SubListenAddr = nil
	istanbul.DefaultConfig.Timeout = roundMilliseconds

	stack, err := node.New(&config.Node)
	if err != nil {
		return err
	}
	config.SetKaiaConfig(ctx, stack)
	utils.RegisterCNService(stack, &config.CN)
	utils.StartNode(stack)
	var service *cn.CN
	if err := stack.Service(&service); err != nil {
		return err
	}
	if err := service.StartMining(false); err != nil {
		return err
	}
	stack.Wait()
	return nil
}
